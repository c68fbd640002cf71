"""Views of the case per role: public page, summary, detail, history.

A view carries sealed values as stored, under `sealed`; `sealed_text.ViewUnsealer` opens or masks them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal
from services.cases.api.case import CaseState, FollowedCase
from services.cases.api.states import State
from services.cases.api.told import ParentCourse
from services.cases.case.acts import Act
from services.cases.case.model import embedded, visibility
from services.cases.case.model.case import Case
from services.cases.case.model.states import TRANSITIONS
from vocabulary.rights import works_under
from vocabulary.roles import STAFF, Purpose, Role

View = dict[str, Any]

_COMPUTED = ("id", "steps", "may", "parent", "rejection", "ending", "result")
_SUMMARY = tuple(name for name in CaseState.__struct_fields__ if name != "id")
_PUBLIC = tuple(name for name in FollowedCase.__struct_fields__ if name not in _COMPUTED)
_DETAIL = (
    *_SUMMARY, "state_since", "about", "source", "spans", "photos", "first_post", "inspectors", "entry",
    "planned_for", "step", "step_due", "step_overdue", "contact_due", "contacted_at", "closing_due",
    "rating_until", "ruled", "objected", "reopened_by_party", "screened", "personal_claim",
)  # fmt: skip
_COLLECTIONS = ("breaches", "returns", "calls", "sub_tasks", "requests", "supervisions", "results")
#: Steps whose notes are a party's own words (including those of earlier versions). If the party is confidential, only
#: intake reads them.
_PARTY_ACTS = frozenset({Act.SUPPLEMENT, Act.OBJECT, Act.URGE, Act.WITHDRAW, Act.REOPEN, Act.ADD_WORDS})
#: The purposes that open a confidential identity.
_IDENTITY_PURPOSES = frozenset({Purpose.INTAKE, Purpose.CALLBACK})
#: Roles that know the parties of every case that they see by them.
_KNOWING = frozenset({Role.HOTLINE, Role.COMMUNITY, Role.STREET, Role.CENTRE})
_COURSE = tuple(name for name in ParentCourse.__struct_fields__ if name not in ("id", "steps"))
#: The report, and every step that changes the state.
_PUBLIC_ACTS = frozenset({Act.REPORT, *TRANSITIONS})


def public(case: Case, parent: Case | None = None) -> View:
    """The page behind number and code: state, lead, and what the reporter is told, without persons.

    `parent`: the case that this one was merged into, which its parties follow and whose result they rate.
    """
    view: View = {"id": case.key} | {name: getattr(case, name) for name in _PUBLIC}
    view["steps"] = _public_steps(case)
    view["parent"] = _course(parent) if parent else None
    view["rejection"], view["ending"] = _plain(case.rejection), _told_ending(case)
    view["result"] = _told_result(parent or case)
    return view


def _public_steps(case: Case) -> list[View]:
    return [
        {name: step[name] for name in ("at", "act", "to") if name in step}
        for step in case.history
        if step["act"] in _PUBLIC_ACTS
    ]


def _course(parent: Case) -> View:
    """What a merged case's party sees of the parent: how it goes, and nothing of its parties."""
    return {"id": parent.key, "steps": _public_steps(parent)} | {name: getattr(parent, name) for name in _COURSE}


def summary(case: Case, by: Principal) -> View:
    return {"id": case.key} | {name: getattr(case, name) for name in summary_fields(by)}


def summary_fields(by: Principal) -> list[str]:
    """Residents see which unit handles their case, not which person."""
    return [name for name in _SUMMARY if name != "handler" or by.has(*STAFF)]


def row(case: Case, by: Principal) -> View:
    """A list row: like one that the database projects, it leaves out what is not set."""
    values = {name: getattr(case, name) for name in row_fields(by)}
    return {"id": case.key} | {name: value for name, value in values.items() if value is not None}


def row_fields(by: Principal) -> list[str]:
    """Fields of a list row: those of a summary without the version."""
    return [name for name in summary_fields(by) if name != "version"]


def detail(case: Case, by: Principal, parent: Case | None = None, children: Sequence[Case] = ()) -> View:
    """The detail for a caller who sees the case (`visibility.sees`), as far as their role allows.

    `children`: the cases that were merged into this one.
    """
    if visibility.reads_as_party(case, by):
        return _for_party(case, by, parent)
    masked = visibility.is_masked(case, by)
    view: View = {"id": case.key} | {name: getattr(case, name) for name in _DETAIL}
    for name in _COLLECTIONS:
        view[name] = [_plain(entry) for entry in getattr(case, name)]
    view["source"] = visibility.source_for(case, by)
    view["urges"] = [_without(hidden_persons(case, by), _plain(urge) or {}) for urge in case.urges]
    view["children"] = [_plain(child) for child in case.merged_children()]
    view["merged_cases"] = [] if masked else [_merged(child, by, case) for child in children]
    view["dispute"] = _plain(case.dispute)
    view["verification"] = _plain(case.verification)
    view["rejection"], view["ending"] = _plain(case.rejection), _told_ending(case)
    view["first_owner"] = _plain(case.first_owner)
    view["place"] = _place(case, masked=masked)
    if case.place and case.place.outside and not masked:
        view["place"] |= {"outside": True}
    view["photos"] = _photos(case, by)
    view["sealed"] = _sealed(case, by)
    view["parties"] = [_party(case, party, by) for party in case.parties]
    view["masked"] = masked
    return view


def history(case: Case, by: Principal) -> list[View]:
    """All steps. A party sees what happened and which unit did it, not which person."""
    if visibility.reads_as_party(case, by):
        hidden = {"by", "post", "note"}
        return [{name: value for name, value in step.items() if name not in hidden} for step in case.history]
    return [_screened(case, step) for step in case.history] if _hides_identity(case, by) else case.history


def hidden_persons(case: Case, by: Principal) -> frozenset[str]:
    """Returns the parties whose identity the caller may not know."""
    return frozenset(party.person for party in case.parties if not _may_know(case, party, by))


def may_connect(case: Case, by: Principal) -> bool:
    """Returns whether the caller may learn which person a case has to do with, as from a ticket that names both.

    Never for a complaint about the caller's own unit (回避); for a hidden reporter, only with a purpose of intake.
    """
    return not works_under(by, case.about) and (case.all_named or _opens_identity(case, by))


def _merged(child: Case, by: Principal, parent: Case) -> View:
    """What a merged case says, for those who see its parent."""
    words = (Act.SUPPLEMENT, Act.REOPEN)
    added = [step for step in child.history if step["act"] in words and not _hides_identity(child, by)]
    return {
        "case": child.key,
        "number": child.number,
        "sealed": _sealed(child, by),
        "photos": _photos(child, by),
        "parties": [_party(child, party, by, parent) for party in child.parties],
        "supplements": [{"at": step["at"], "note": step.get("note", "")} for step in added],
    }


def _for_party(case: Case, by: Principal, parent: Case | None) -> View:
    view = public(case, parent)
    view["photos"], view["version"], view["priority"] = case.photos, case.version, case.priority
    view["place"] = _place(case, masked=False)
    view["urges"] = [_plain(urge) for urge in case.urges if urge.person == by.subject]
    view["sealed"] = {"text": case.text} | ({"address": case.place.address} if case.place else {})
    view["parties"] = [_party(case, party, by) for party in case.parties if party.person == by.subject]
    view["masked"] = False
    return view


def _told_ending(case: Case) -> View | None:
    """Returns why the case was withdrawn or voided, for everyone who sees it."""
    if case.state not in (State.WITHDRAWN, State.VOIDED):
        return None
    ended = next(step for step in reversed(case.history) if step["act"] in (Act.WITHDRAW, Act.VOID))
    return {"act": ended["act"], "reason": ended["reason"]}


def _told_result(case: Case) -> View | None:
    """Returns the last result that passed inspection, or what was answered on the spot."""
    if case.state == State.SELF_RESOLVED:
        answered = next(step for step in reversed(case.history) if step["act"] == Act.SELF_RESOLVE)
        return {"outcome": "on_the_spot", "at": answered["at"], "note": answered.get("note", "")}
    passed = next((result for result in reversed(case.results) if result.passed), None)
    if passed is None:
        return None
    return {"outcome": passed.outcome, "at": passed.resolved_at, "note": passed.note}


def _sealed(case: Case, by: Principal) -> dict[str, str]:
    """The sealed text and address. Of a confidential report, units see only the text that intake has screened."""
    address = case.place.address if case.place else ""
    if _sees_unscreened(case, by):
        return {"text": case.text, "address": address}
    return {"text": case.text_for_units, "address": address}


def _photos(case: Case, by: Principal) -> list[str]:
    if _sees_unscreened(case, by) or case.all_named:
        return case.photos
    return case.screened_photos if case.screened else []


def _party(case: Case, party: embedded.Party, by: Principal, parent: Case | None = None) -> View:
    """A party's ratings, plus contacts if the caller works on the case; a confidential identity needs a purpose."""
    view: View = {
        "confidentiality": party.confidentiality,
        "channel": party.channel,
        "answered_at": party.answered_at,
        "contacted": party.contacted,
        "solved": party.solved,
        "satisfied": party.satisfied,
        "called_back_at": party.called_back_at,
    }
    if _may_know(case, party, by, parent):
        view |= {"person": party.person, "sealed": {"name": party.name, "phone": party.phone}}
    return view


def _may_know(case: Case, party: embedded.Party, by: Principal, parent: Case | None = None) -> bool:
    """Of a merged case, whoever works on its `parent` knows the parties as if they were the parent's."""
    if party.person == by.subject:
        return True
    if party.confidentiality == "anonymous":
        return False
    if party.confidentiality == "confidential":
        return _opens_identity(case, by)
    worked_on = parent or case
    if by.subject == case.first_person or visibility.works_on(worked_on, by):
        return True
    return not _KNOWING.isdisjoint(visibility.roles_that_see(worked_on, by))


def _screened(case: Case, step: View) -> View:
    """Hides a party's identity in a step, and the party's own words, which may reveal it."""
    shown = step | {"by": "", "unit": "", "post": ""} if step.get("by") in case.persons else step
    return shown | {"note": ""} if step["act"] in _PARTY_ACTS else shown


def _without(hidden: frozenset[str], urge: View) -> View:
    return urge | {name: "" for name in ("person", "by") if urge.get(name) in hidden}


def _sees_unscreened(case: Case, by: Principal) -> bool:
    return case.all_named or _opens_identity(case, by)


def _opens_identity(case: Case, by: Principal) -> bool:
    return not by.purposes.isdisjoint(_IDENTITY_PURPOSES) and visibility.is_intake(case, by)


def _hides_identity(case: Case, by: Principal) -> bool:
    return not case.all_named and not _sees_unscreened(case, by)


def _place(case: Case, masked: bool) -> View | None:
    if case.place is None:
        return None
    view: View = {"path": case.place.path}
    return view if masked else view | {"lon": case.place.lon, "lat": case.place.lat}


def _plain(document: Embedded | None) -> View | None:
    return None if document is None else document.to_mongo().to_dict()
