"""Commands, queries and event handlers of deliberations; the event of a decision creates its follow-up case."""

from __future__ import annotations

import msgspec

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal, codes_of, path_of
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import newest_first
from chassis.usecases.records import create, fields_of, get, step_answer, to_answer
from chassis.usecases.service import Documents
from services.cases.api import deliberation as api
from services.cases.case import sealed_text
from services.cases.case.events import Reported
from services.cases.case.model.case import Case
from services.cases.case.model.embedded import Place
from services.cases.case.model.geo_cells import cell_at
from services.cases.case.model.inputs import PlaceAt, Report
from services.cases.deliberation.events import DeliberationDecided
from services.cases.deliberation.model import Deliberation, FollowUp, Invitee, Votes
from services.cases.directory.categories import of_category, selectable_category, stored_category
from services.cases.directory.limit_versions import limits_now
from services.cases.directory.lookups import place_now, require_place
from services.cases.directory.outlines import place_without
from services.cases.numbering.allocation import Numbering
from services.cases.records import RecordCommands, is_kept_from, require_case
from vocabulary.access import require_role
from vocabulary.rights import Resource, may, units_with
from vocabulary.roles import GRID_ROLES, Permission

_SUMMARY = fields_of(api.ListedDeliberation)


class DeliberationCommands(RecordCommands, Numbering):
    documents: Documents = (Deliberation,)

    @command
    def convene(self, call: Call, convening: api.Convening) -> Answer:
        data = self.data.of(call)

        def convened(key: str) -> Deliberation:
            made = Deliberation.convene(
                key,
                call.principal,
                kind=convening.kind,
                area=convening.area,
                topic=self._seal(call, convening.topic, "deliberation.topic"),
                at=convening.at,
                invitees=[Invitee(kind=one.kind, unit=one.unit) for one in convening.invitees],
                now=call.now,
                series=convening.series,
                source=convening.source,
            )
            require_place(data, convening.area, "area")
            require_case(data, convening.source, "source")
            return made

        return create(data, Deliberation, convened, step_answer)

    @command
    def hold_deliberation(self, call: Call, deliberation: Id, held: api.DeliberationMinutes) -> Answer:
        sealed = self._seal(call, held.minutes, "deliberation.minutes")
        return self._act(
            call, Deliberation, deliberation, lambda found: found.hold(call.principal, held.present, sealed, call.now)
        )

    @command
    def decide_deliberation(self, call: Call, deliberation: Id, decided: api.DeliberationDecision) -> Answer:
        sealed = self._seal(call, decided.decision, "deliberation.decision")
        form, data = decided.follow_up, self.data.of(call)
        follow_up = self._follow_up(call, form) if form else None
        votes = Votes(**msgspec.structs.asdict(decided.votes)) if decided.votes else None

        def act(found: Deliberation) -> None:
            found.decide(call.principal, sealed, follow_up, call.now, votes)
            if form:
                require_place(data, form.area, "follow_up.area")
                selectable_category(data, form.category, "follow_up.category")

        return self._act(call, Deliberation, deliberation, act)

    @command
    def cancel_deliberation(self, call: Call, deliberation: Id) -> Answer:
        return self._act(call, Deliberation, deliberation, lambda found: found.cancel(call.principal))

    @handles(DeliberationDecided)
    def make_case_of_decision(self, event: Received) -> None:
        """Creates the follow-up case of the decision; idempotent."""
        data = self.data.of(event)
        deliberation = data.get(Deliberation, event.envelope.subject)
        follow_up = deliberation.follow_up
        if follow_up is None:
            return
        place, path = follow_up.place, place_now(data, follow_up.place.path)
        limits, version = limits_now(data, path)

        def build(key: str) -> Case:
            report = Report(
                number=self._number(event),
                category=follow_up.category,
                place=PlaceAt(path=path, lon=place.lon, lat=place.lat, cell=place.cell, outside=place.outside),
                text=follow_up.text,
                resolution=deliberation.key,
                **of_category(stored_category(data, follow_up.category), version),
            )
            return Case.report(deliberation.decider(), key, report, limits, event.now)

        data.create(Case, build)

    @handles(Reported)
    def name_case_of_decision(self, event: Received) -> None:
        """Links the deliberation to its follow-up case."""
        data = self.data.of(event)
        if event.as_(Reported).case.kind == "resolution":
            case = data.get(Case, event.envelope.subject)
            data.change(Deliberation, case.source, lambda found: found.name_case(case.key))

    @query
    def get_deliberation(self, call: Call, deliberation: Id) -> Answer:
        found = get(self.data.of(call), Deliberation, deliberation)
        names = ("topic", "minutes", "decision")
        opened = self._open(call, deliberation, {f"deliberation.{name}": getattr(found, name) for name in names})
        shown = _shown(self.data.of(call), call.principal, found)
        return shown | to_answer(found, "invitees", "present", "held_at", "votes") | opened

    @query
    def list_deliberations(self, call: Call, page: api.ListDeliberations) -> Listed[Answer]:
        """Deliberations of the caller's area (a grid's is all above it), or to which their unit is invited."""
        by, codes = call.principal, codes_of(call.principal.area)
        require_role(by, Permission.READ_DELIBERATION)
        if not may(by, Permission.READ_DELIBERATION, Resource(area=by.area)):
            where: Answer = {"units": {"$in": units_with(by, Permission.READ_DELIBERATION)}}
        elif by.has(*GRID_ROLES):
            above = [path_of(*codes[:length]) for length in range(1, len(codes) + 1)]
            where = {"codes": codes[0], "area": {"$in": above}}
        else:
            where = {"codes": codes[-1]}
        if page.series:
            where |= {"series": page.series}
        data = self.data.of(call)
        return newest_first(data, Deliberation, where, "at", page, lambda one: _shown(data, by, one))

    def _follow_up(self, call: Call, form: api.FollowUp) -> FollowUp:
        outside = bool(place_without(self.data.of(call), form.area, form.lon, form.lat))
        cell = "" if outside else cell_at(form.lon, form.lat)
        place = Place(path=form.area, lon=form.lon, lat=form.lat, cell=cell, outside=outside)
        return FollowUp(
            category=form.category, place=place, text=sealed_text.seal(self.keys.of(call.tenant), "text", form.text)
        )


def _shown(data: TenantData, by: Principal, one: Deliberation) -> Answer:
    """Returns a row, without its source if that is a complaint about the caller's own unit (回避)."""
    return to_answer(one, *_SUMMARY) | {"source": "" if is_kept_from(data, by, one.source) else one.source}
