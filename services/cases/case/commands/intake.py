"""Commands of intake: report, verify, register, reject, resolve on the spot, object, withdraw, void, screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chassis.context import Call
from chassis.entrypoints.rpc_server import command
from chassis.ids import derived
from chassis.persistence.tenant_data import TenantData
from chassis.persistence.write_plan import version_after_save
from chassis.security.principal import Principal, codes_of
from chassis.types import Answer, Id
from chassis.usecases.records import create, found
from services.cases.api import case as api
from services.cases.api.states import Priority
from services.cases.api.steps import ReasonWithNote
from services.cases.case.commands.base import CaseCommands
from services.cases.case.model.base import Full
from services.cases.case.model.case import Case
from services.cases.case.model.geo_cells import cell_at
from services.cases.case.model.inputs import PartyIs, PlaceAt, Registration, Report, ReportAgain
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import as_party, require_permission
from services.cases.case.model.visibility import may_hear_of
from services.cases.case.sealed_text import follow_code, person_of_phone, seal
from services.cases.directory.categories import category_of, of_category, selectable_category
from services.cases.directory.limit_versions import limits_now
from services.cases.directory.lookups import listed_tiers, require_place, unit_of
from services.cases.directory.merged_cases import is_open
from services.cases.directory.outlines import place_without
from services.cases.directory.reasons import require_reason
from services.cases.evidence.lookups import claim_photos
from services.cases.numbering.allocation import Numbering
from vocabulary.roles import REPORTERS, Permission, Role

_MOST_OF_A_PERSON = 50
#: What the answer to a repeated report says of the open case.
_OF_OPEN_CASE = ("id", "number", "state", "version", "merged_into")
#: The reporter, and those who hand the code over to them and handle no case themselves.
_GET_THE_CODE = (*REPORTERS, Role.COUNTER, Role.HOTLINE)


class IntakeCommands(CaseCommands, Numbering):
    @command
    def report(self, call: Call, report: api.Report) -> Answer:
        """Returns `{id, number, code, …}`; number and code open the case without a sign-in. The code is the reporter's.

        If the same person has the same matter open, creates no case but a 催办: `urged` then tells whether it counted,
        `id` and `number` are present only if the caller sees that case, `code` only if the caller is that person.
        """
        require_permission(call.principal, Permission.REPORT)
        data = self._data_for(call, report)
        person = self._person(call, report)
        if person and (known := _urged_by(data, call, person) or self._same_matter(data, call, report, person)):
            return self._report_again(call, known, person, report)

        def build(key: str) -> Case:
            _require_places(data, report)
            category = selectable_category(data, report.category)
            if report.about and report.about not in codes_of(report.place.path):  # the place is known by now
                unit_of(data, report.about, "about")
            limits, version = limits_now(data, report.place.path)
            form = self._report_form(call, report, category, person or f"code:{key}", version)
            made = Case.report(call.principal, key, form, limits, call.now)
            claim_photos(data, call.principal, report.photos, made.key)
            return made

        def answer(case: Case) -> Answer:
            return {
                "id": case.key, "number": case.number, "state": case.state, "version": version_after_save(case),
            }  # fmt: skip

        # The answer is stored in the idempotency record, so the secret code is left out and derived again each time.
        made = create(data, Case, build, answer)
        if not call.principal.has(*_GET_THE_CODE):
            return made
        return made | {"code": follow_code(self._sealer(call), made["id"])}

    @command
    def verify(self, call: Call, case: Id, form: api.Verification) -> Answer:
        """核实, with a photo or a note."""
        note, photos = self._sealed(call, form.note), form.photos
        return self._step(
            call, case, lambda c, _: c.verify(call.principal, form.found, note, photos, call.now), photos=photos
        )

    @command
    def register(self, call: Call, case: Id, form: api.Registration) -> Answer:
        """立案: the clock starts."""
        data = self.data.of(call)

        def act(document: Case, _: Any) -> None:
            if form.place:
                require_place(data, form.place.path)
            category = category_of(data, form.category) if form.category else {}
            if form.category and form.category != document.category:
                selectable_category(data, form.category)
            area = form.place.path if form.place else document.area
            limits, version = limits_now(data, area)
            registration = Registration(
                category=form.category or document.category,
                priority=form.priority or Priority(document.priority),
                place=self._place(call, form.place, True) if form.place else None,
                party=self._party_of(call, form.party, case) if form.party else None,
                nobody=form.nobody,
                tier=form.tier,
                limits_version=version,
                emergency="+" in version,
                personal_claim=category.get("personal"),
                listed_tiers=listed_tiers(data, form.category or document.category),
            )
            document.register(call.principal, registration, limits, call.now)

        return self._step(call, case, act)

    @command
    def reject(self, call: Call, case: Id, form: api.Rejection) -> Answer:
        """不受理, for a listed reason."""
        data, note, go_to = self.data.of(call), self._sealed(call, form.note), self._sealed(call, form.go_to)

        def act(document: Case, _: Any) -> None:
            document.reject(call.principal, form.reason, call.now, note, go_to)
            require_reason(data, "rejections", form.reason, form.note)

        return self._step(call, case, act)

    @command
    def self_resolve(self, call: Call, case: Id, form: api.OnTheSpot) -> Answer:
        """当场解决."""
        note, photos = self._sealed(call, form.note), form.photos
        return self._step(
            call, case, lambda c, _: c.self_resolve(call.principal, note, photos, call.now), photos=photos
        )

    @command
    def object(self, call: Call, case: Id, form: api.Objection) -> Answer:
        """异议 by the party, signed in or by code, or by the hotline or a counter for the `person` they name."""
        note = self._sealed(call, form.note)
        return self._step_of_party(
            call, case, form.code, lambda c, by, limits: c.object(by, limits, call.now, note, form.person)
        )

    @command
    def withdraw(self, call: Call, case: Id, form: api.ReasonOfParty) -> Answer:
        """撤单, for a listed reason."""
        data, note = self.data.of(call), self._sealed(call, form.note)

        def act(document: Case, by: Principal, limits: Limits) -> None:
            parent = self._state_of_parent(call, document)
            document.withdraw(by, form.reason, limits, call.now, form.person, note, parent)
            require_reason(data, "withdrawals", form.reason, form.note)

        return self._step_of_party(call, case, form.code, act)

    @command
    def void(self, call: Call, case: Id, form: ReasonWithNote) -> Answer:
        """作废, by a centre, for a listed reason."""
        data, note = self.data.of(call), self._sealed(call, form.note)

        def act(document: Case, limits: Limits) -> None:
            document.void(call.principal, form.reason, limits, call.now, note)
            require_reason(data, "voidings", form.reason, form.note)

        return self._step(call, case, act)

    @command
    def screen(self, call: Call, case: Id, form: api.Screening) -> Answer:
        """Stores the redacted text and photos of a confidential or anonymous report."""
        cleaned = seal(self._sealer(call), "text", form.text)
        return self._step(call, case, lambda c, _: c.screen(call.principal, cleaned, form.photos, call.now))

    # -- internals -------------------------------------------------------------------------------------

    def _data_for(self, call: Call, report: api.Report) -> TenantData:
        """Returns the data without an actor for a confidential reporter, because events name their actor."""
        by_themselves = call.principal.has(*REPORTERS)
        hidden = by_themselves and report.confidentiality != "named"
        return self.data.of(replace(call, actor="") if hidden else call)

    def _person(self, call: Call, report: api.Report) -> str:
        """Returns the party's person id: of the reporter, or of the one staff reports for; "" if anonymous or none."""
        if report.confidentiality == "anonymous":
            return ""
        if call.principal.has(*REPORTERS):
            return call.principal.subject
        phone = report.reporter.phone if report.reporter else ""
        return person_of_phone(self._sealer(call), phone)

    def _report_form(
        self, call: Call, report: api.Report, category: Mapping[str, Any], person: str, version: str
    ) -> Report:
        place = self._place(call, report.place, category.get("on_site", True))
        return Report(
            number=self._number(call),
            category=report.category,
            place=place,
            spans=report.spans,
            text=seal(self._sealer(call), "text", report.text),
            photos=report.photos,
            party=self._party(call, report, person),
            about=report.about,
            **of_category(category, version),
        )

    def _party(self, call: Call, report: api.Report, person: str) -> PartyIs | None:
        """Returns None if staff reports for nobody."""
        for_others = not call.principal.has(*REPORTERS)
        if for_others and report.reporter is None and report.confidentiality == "named":
            return None
        if report.confidentiality == "anonymous":
            return PartyIs(person=person, channel="code", confidentiality="anonymous")
        reporter = report.reporter or api.Reporter()
        sealer = self._sealer(call)
        return PartyIs(
            person=person,
            channel="phone" if person.startswith("phone:") else "account",
            name=seal(sealer, "name", reporter.name),
            phone=seal(sealer, "phone", reporter.phone),
            confidentiality=report.confidentiality,
        )

    def _party_of(self, call: Call, form: api.Reporter, case: str) -> PartyIs:
        sealer = self._sealer(call)
        return PartyIs(
            person=person_of_phone(sealer, form.phone) or f"code:{case}",
            channel="phone",
            name=seal(sealer, "name", form.name),
            phone=seal(sealer, "phone", form.phone),
        )

    def _place(self, call: Call, place: api.Place, on_site: bool) -> PlaceAt:
        outside = bool(place_without(self.data.of(call), place.path, place.lon, place.lat))
        return PlaceAt(
            path=place.path,
            lon=place.lon,
            lat=place.lat,
            outside=outside,
            cell="" if outside else cell_at(place.lon, place.lat),
            address=seal(self._sealer(call), "address", place.address),
            on_site=on_site,
        )

    def _same_matter(self, data: TenantData, call: Call, report: api.Report, person: str) -> str:
        """Returns an open case of the same person, category and place, or "".

        Skips the case that a first attempt of this same request created.
        """
        own = derived(call.dedup_key, Case.__name__) if call.dedup_key else ""
        fields = ["state", "category", "area", "place", "about", "merged_into"]
        place = report.place
        at = cell_at(place.lon, place.lat)
        for row in data.rows(Case, {"persons": person}, fields, [("reported_at", -1)], _MOST_OF_A_PERSON):
            there = row["place"]
            # A point far from its place has no cell: only the points tell two such matters apart.
            same_place = cell_at(there.get("lon"), there.get("lat")) == at if at else row["area"] == place.path
            same = row["category"] == report.category and same_place and row["key"] != own
            # What is said about a unit must not reach a case that the unit sees (回避).
            same = same and (row.get("about") or "") == report.about and is_open(data, row)
            if same and may_hear_of(data.get(Case, row["key"]), call.principal, person):
                return str(row["key"])
        return ""

    def _report_again(self, call: Call, case: str, person: str, report: api.Report) -> Answer:
        """Adds the repeated report to the open case, and counts it as an urge at most once a day.

        The urge is made as the person, because staff who take the report may not see that case.
        """
        by = call.principal if call.principal.has(Role.HOTLINE) else as_party(call.tenant, person)
        again = ReportAgain(
            words=seal(self._sealer(call), "note", report.text),
            photos=report.photos,
            confidential=report.confidentiality == "confidential",
        )

        def act(c: Case, limits: Limits) -> int | None:
            _require_places(self.data.of(call), report)
            return c.report_again(by, again, limits, call.now, person, self._state_of_parent(call, c))

        try:
            step = self._step(call, case, act, lambda c, _: c.seen_by(by), report.photos)
        except Full:
            step = {"id": case}
        answer: Answer = {name: step[name] for name in _OF_OPEN_CASE if step.get(name)}
        answer["urged"] = "said" in step
        if person == call.principal.subject:
            return answer | {"code": follow_code(self._sealer(call), case)}
        return answer if found(self.data.of(call), Case, case) else {"urged": answer["urged"]}


def _urged_by(data: TenantData, call: Call, person: str) -> str:
    """Returns the case that a first attempt of this same request urged, which may have ended since, or ""."""
    if not call.dedup_key:
        return ""
    own = derived(call.dedup_key, Case.__name__)
    keys = [row["key"] for row in data.rows(Case, {"persons": person, "answers.k": call.dedup_key}, ["state"], limit=2)]
    return next((str(key) for key in keys if key != own), "")


def _require_places(data: TenantData, report: api.Report) -> None:
    require_place(data, report.place.path)
    for span in report.spans:
        require_place(data, span, "spans")
