"""The record of a case: every field that the concerns read and write, how it begins and how its steps are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

import msgspec
from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.errors import NotFound, Refused
from chassis.messaging.envelope import NOBODY, Event, Visibility
from chassis.persistence.aggregate import Aggregate
from chassis.security.principal import Principal, codes_of, system
from services.cases.api.states import Priority, State
from services.cases.case.events import CaseEvent, CaseState, Restated
from services.cases.case.model import embedded, visibility
from services.cases.case.model.inputs import PartyIs, PlaceAt, Report
from services.cases.case.model.permissions import NotParty, require_power
from services.cases.case.model.states import TRANSITIONS, Act, WrongState, require
from services.cases.case.texts_zh import HELD
from vocabulary import tiers
from vocabulary.roles import Power, Role
from vocabulary.tiers import Tier

#: Steps that change the state; those beside it, which people take as they like, end before, so that these have room.
MOST_STEPS = 400
MOST_STEPS_BESIDE = 250
#: Characters of sealed notes, for the same reason: the chassis stores no document over 256 kB.
MOST_NOTED = 60_000
MOST_ENTRIES = 100
MOST_PHOTOS = 100
#: On the shortest way to an end: always possible. None of them leads back, so that they are few.
_ALWAYS_POSSIBLE = frozenset({
    Act.ACCEPT, Act.REPORT_IN, Act.START, Act.RESUME, Act.RESOLVE, Act.INSPECT, Act.PASS, Act.END_RATING,
    Act.REJECT, Act.SELF_RESOLVE, Act.UNMERGE, Act.WITHDRAW, Act.VOID,
    "contact", "accept_sub_task", "finish_sub_task", "waive_sub_task", "rate", "call_back",
})  # fmt: skip


class Full(Refused):
    """A list that a case holds has reached its bound. `what`, `most`."""

    code = "case.full"
    en = "A case takes at most {most} {what}; close it and report what is left anew."
    zh = "单个案件的{what}最多为 {most},请办结后另行上报。"
    chinese = {"what": HELD}


class CaseRecord(Aggregate):
    """Fields by concern. Reasons are codes; whatever people wrote (`text`, `note`, `title`) comes sealed.

    `rated_lead` and `rated_round`: whose work a merged case's parties rate, the other case's.
    """

    meta = {"abstract": True, "strict": False}

    # what it is
    kind: str = StringField(required=True)
    category: str = StringField(required=True)
    priority: str = StringField(required=True)
    state: str = StringField(required=True)
    state_since: datetime = DateTimeField()
    emergency: bool = BooleanField(default=False)
    personal_claim: bool = BooleanField(default=False)
    about: str = StringField(default="")
    source: str = StringField(default="")
    text: str = StringField(default="")
    photos: list[str] = ListField(StringField())
    screened: bool = BooleanField(default=True)
    screened_text: str = StringField(default="")
    screened_photos: list[str] = ListField(StringField())

    # where it is
    place: embedded.Place | None = EmbeddedDocumentField(embedded.Place)
    area: str = StringField(required=True)
    areas: list[str] = ListField(StringField())
    spans: list[str] = ListField(StringField())

    # whose it is
    parties: list[embedded.Party] = EmbeddedDocumentListField(embedded.Party)
    persons: list[str] = ListField(StringField())
    first_owner: embedded.FirstOwner | None = EmbeddedDocumentField(embedded.FirstOwner)
    first_post: str = StringField(default="")
    first_person: str = StringField(default="")
    answered_by_owner_at: datetime | None = DateTimeField()
    tier: str = StringField(default="street")
    lead: str = StringField(default="")
    lead_kind: str = StringField(default="")
    lead_path: str = StringField(default="")
    units: list[str] = ListField(StringField())
    handler: str = StringField(default="")
    inspectors: list[str] = ListField(StringField())
    entry: str = StringField(default="")
    dispatched_by: str = StringField(default="")
    ruled: bool = BooleanField(default=False)
    first_lead: str = StringField(default="")

    # beside the state
    verification: embedded.Verification | None = EmbeddedDocumentField(embedded.Verification)
    objected: bool = BooleanField(default=False)
    returns: list[embedded.Return] = EmbeddedDocumentListField(embedded.Return)
    dispute: embedded.Dispute | None = EmbeddedDocumentField(embedded.Dispute)
    calls: list[embedded.UnitCall] = EmbeddedDocumentListField(embedded.UnitCall)
    sub_tasks: list[embedded.SubTask] = EmbeddedDocumentListField(embedded.SubTask)
    requests: list[embedded.Request] = EmbeddedDocumentListField(embedded.Request)
    urges: list[embedded.Urge] = EmbeddedDocumentListField(embedded.Urge)
    supervisions: list[embedded.Supervision] = EmbeddedDocumentListField(embedded.Supervision)

    # merged
    merged_into: str = StringField(default="")
    merged_from: str = StringField(default="")
    children: list[embedded.Child] = EmbeddedDocumentListField(embedded.Child)
    own_priority: str = StringField(default="")

    # result
    outcome: str = StringField(default="")
    planned_for: datetime | None = DateTimeField()
    results: list[embedded.Result] = EmbeddedDocumentListField(embedded.Result)
    reworks: int = IntField(default=0)
    round: int = IntField(default=1)
    reopened_by_party: bool = BooleanField(default=False)

    # time
    limits_version: str = StringField(default="")
    reported_at: datetime = DateTimeField(required=True)
    registered_at: datetime | None = DateTimeField()
    clock: embedded.Clock | None = EmbeddedDocumentField(embedded.Clock)
    due: datetime | None = DateTimeField()
    step: str = StringField(default="")
    step_due: datetime | None = DateTimeField()
    step_overdue: bool = BooleanField(default=False)
    contact_due: datetime | None = DateTimeField()
    contacted_at: datetime | None = DateTimeField()
    contact_overdue: bool = BooleanField(default=False)
    closing_due: datetime | None = DateTimeField()
    closing_overdue: bool = BooleanField(default=False)
    rating_until: datetime | None = DateTimeField()
    rated_lead: str = StringField(default="")
    rated_round: int = IntField(default=1)
    closed_at: datetime | None = DateTimeField()
    next_due_at: datetime | None = DateTimeField()
    mark: str = StringField(default="")
    history: list[dict[str, Any]] = ListField(DictField())

    # -- what is told of it ---------------------------------------------------------------------------

    def event_actor(self, actor: str) -> str:
        hidden = {party.person for party in self.parties if party.confidentiality != "named"}
        return "" if actor in hidden else actor

    def event_area(self) -> str:
        """A complaint about a division is told above it alone (回避)."""
        above, found, _ = self.area.partition(f"/{self.about}/") if self.about else (self.area, "", "")
        return f"{above}/" if found else self.area

    def event_units(self) -> list[str]:
        return [unit for unit in self.units if unit != self.about]

    def event_visibility(self, event: Event) -> Visibility:
        return event.visibility() if isinstance(event, CaseEvent) else NOBODY

    def state_event(self) -> CaseEvent:
        return Restated(case=self.public_state())

    def public_state(self) -> CaseState:
        return CaseState.of(self)

    def merged_children(self) -> list[embedded.Child]:
        """Those that are in it now."""
        return [child for child in self.children if not child.released]

    @property
    def importance(self) -> Priority:
        return Priority(self.priority)

    # -- how it begins --------------------------------------------------------------------------------

    @classmethod
    def _new(cls, tenant: str, key: str, kind: str, report: Report, now: datetime) -> Self:
        case = cls(id=cls.identity(tenant, key), tenant=tenant, kind=kind, category=report.category, reported_at=now)
        case.priority = case.own_priority = str(report.priority)
        case._put_at(report.place, report.spans)
        if report.party:
            case._add_party(report.party)
        for name in ("text", "about", "personal_claim", "emergency"):
            setattr(case, name, getattr(report, name))
        case.photos, case.source = list(report.photos), report.resolution
        case.screened = all(party.confidentiality == "named" for party in case.parties)
        # The street of the place: the lowest tier that dispatches.
        case.tier = tiers.tier_of(tiers.at_tier(case.area, Tier.STREET))
        return case

    def _put_at(self, place: PlaceAt, spans: Any) -> None:
        """A matter that touches several areas belongs to the lowest one that holds them all."""
        self.place = embedded.Place(**msgspec.structs.asdict(place))
        self.spans = sorted({place.path, *spans}) if spans else []
        self.area = tiers.common(place.path, *self.spans) or place.path
        self.areas = list(dict.fromkeys(code for path in (self.area, *self.spans) for code in codes_of(path)))

    def _add_party(self, party: PartyIs) -> None:
        self.parties.append(embedded.Party(**msgspec.structs.asdict(party)))
        self.persons = [*self.persons, party.person]
        self.screened = self.screened and party.confidentiality == "named"

    def _record_first_owner(self, by: Principal) -> None:
        """首问: whoever of the staff took it first stays named for ever."""
        if self.first_owner is None:
            self.first_owner = embedded.FirstOwner(post=by.post, person=by.subject, unit=by.unit)
            self.first_post, self.first_person = by.post, by.subject

    # -- steps ----------------------------------------------------------------------------------------

    def _party(self, by: Principal, person: str = "") -> embedded.Party:
        """The party that acts: by themselves, or through the hotline or a counter, which name them."""
        who = person if by.has(Role.HOTLINE, Role.COUNTER) else by.subject
        found = next((party for party in self.parties if party.person == who), None)
        if found is None:
            raise NotParty()
        return found

    def _authorize(self, by: Principal, *powers: Power) -> None:
        """First the sight, then the role: outside one's area a case answers like an unknown id."""
        if not visibility.sees(self, by):
            raise NotFound()
        if powers:
            require_power(by, *powers)

    def _require(self, act: Act) -> None:
        require(act, State(self.state), frozenset(TRANSITIONS[act]))

    def _move(self, act: Act, to: State, by: Principal, now: datetime, reason: str = "", note: str = "") -> None:
        """The only way a state changes; keeps the step."""
        self._require(act)
        source = State(self.state)
        if to not in TRANSITIONS[act][source]:
            raise WrongState(act=str(act), state=str(source), allowed=sorted(TRANSITIONS[act][source]))
        self._record_step(str(act), by, now, reason=reason, note=note, to=to)
        self.state = str(to)
        self.state_since = now

    def _record_step(
        self, act: str, by: Principal, now: datetime, reason: str = "", note: str = "", to: str = "", **facts: str
    ) -> None:
        """`{at, act, from, to, by, unit, post, reason, note, …}`; a step that changes no state has no `to`."""
        if act not in _ALWAYS_POSSIBLE and by.subject != self._system().subject:
            self._require_steps(beside=not to)
        step: dict[str, Any] = {"at": now, "act": act, "from": self.state if to else "", "to": str(to)}
        step |= {"by": by.subject, "unit": by.unit, "post": by.post, "reason": reason, "note": note, **facts}
        self.history = [*self.history, {name: value for name, value in step.items() if value}]

    def _require_steps(self, beside: bool) -> None:
        most = MOST_STEPS_BESIDE if beside else MOST_STEPS
        if len(self.history) >= most:
            raise Full(what="steps", most=most)
        if beside and sum(len(step.get("note", "")) for step in self.history) >= MOST_NOTED:
            raise Full(what="characters of notes", most=MOST_NOTED)

    def _system(self) -> Principal:
        return system(self.tenant, "cases")


def require_room(what: str, entries: list[Any], most: int = MOST_ENTRIES) -> None:
    if len(entries) >= most:
        raise Full(what=what, most=most)
