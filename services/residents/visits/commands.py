"""Commands, timer and event handlers of visits: the rhythm of a household, and the case of what was found."""

from __future__ import annotations

import msgspec

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command
from chassis.errors import NotFound, Taken
from chassis.ids import derived
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.types import Answer, Id
from chassis.usecases.records import change, create, get, named, step_answer
from chassis.usecases.service import Documents
from services.residents.api import visits as api
from services.residents.directory.care import care_of, require_category
from services.residents.directory.replicas import today
from services.residents.households.events import HouseholdChanged
from services.residents.households.model import Household
from services.residents.needs.events import NeedChanged
from services.residents.records import ResidentsUseCases
from services.residents.visits import lookups
from services.residents.visits.events import VisitCancelled, VisitDone
from services.residents.visits.model import WAITING, Following, Visit
from services.residents.visits.rhythm import Day
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

_SECONDS = 5
#: Events after which the state of a case may be another one.
_CASE_EVENTS = tuple(
    f"cases.case.{name}.v1"
    for name in (
        "reported", "verified", "registered", "rejected", "self_resolved", "objected", "withdrawn", "voided",
        "escalated", "dispatched", "whistled", "accepted", "reported_in", "returned", "ruled", "taken_on", "started",
        "suspended", "resumed", "resolved", "inspected", "rating_asked", "closed", "reopened", "merged", "unmerged",
        "child_refused", "relocated", "restated",
    )
)  # fmt: skip


class _CaseTold(msgspec.Struct):
    """What is read of the event of a case. `source`: of a case that was made of a visit, the visit."""

    class Case(msgspec.Struct):
        id: str
        state: str
        kind: str
        area: str
        number: str = ""
        source: str = ""

    case: Case


class VisitCommands(ResidentsUseCases):
    documents: Documents = (Visit,)

    @command
    def plan_visit(self, call: Call, form: api.NewVisit) -> Answer:
        """Plans a visit beside those that follow from needs and card."""
        data = self.data.of(call)

        def build(key: str) -> Visit:
            household = named(data, Household, form.household, "household")
            home, day = lookups.home_of(data, household), lookups.day_of(data, form.due)
            made = Visit.plan(call.principal, key, home, form.kind, day, form.worker, call.now)
            if form.worker:
                lookups.require_worker(data, form.worker, household.area)
            return made

        return create(data, Visit, build, step_answer)

    @command
    def move_visit(self, call: Call, visit: Id, form: api.MovedVisit) -> Answer:
        data = self.data.of(call)

        def act(found: Visit) -> None:
            found.move(call.principal, lookups.day_of(data, form.due), form.worker, call.now)
            if form.worker:
                lookups.require_worker(data, form.worker, found.area)

        return change(data, Visit, visit, act, step_answer)

    @command
    def record_visit(self, call: Call, visit: Id, form: api.VisitRecord) -> Answer:
        """Records what a planned visit found, also one that was missed."""
        data, findings = self.data.of(call), self._seal(call, form.findings, "visit.findings")

        def act(found: Visit) -> None:
            require_in_area(call.principal, Permission.KEEP_NEEDS, found.area)
            members = lookups.members_now(data, found.household)
            found.finish(call.principal, findings, self._matter(data, form.matter), call.now, members)

        return change(data, Visit, visit, act, step_answer)

    @command
    def record_unplanned_visit(self, call: Call, household: Id, form: api.UnplannedVisit) -> Answer:
        """Records a visit that nobody planned; the household's rhythm goes on from it."""
        data, findings = self.data.of(call), self._seal(call, form.findings, "visit.findings")

        def build(key: str) -> Visit:
            home = lookups.home_of(data, get(data, Household, household))
            require_in_area(call.principal, Permission.KEEP_NEEDS, home.household.area)
            day, matter = lookups.day_of(data, today(data)), self._matter(data, form.matter)
            members = lookups.members_now(data, household)
            return Visit.unplanned(call.principal, key, home, form.kind, day, findings, matter, call.now, members)

        return create(data, Visit, build, step_answer)

    @command
    def cancel_visit(self, call: Call, visit: Id, form: api.VisitReason) -> Answer:
        """The next visit of a household's rhythm is planned anew."""
        why = self._seal(call, form.why, "visit.why")
        return change(
            self.data.of(call), Visit, visit, lambda found: found.cancel(call.principal, why, call.now), step_answer
        )

    @every(interval=_SECONDS)
    def fire_visits(self) -> None:
        """Reminds of visits, notes which were missed, and passes them up."""
        self.data.each_tenant(self._fire)

    @handles(NeedChanged)
    def keep_rhythm_of_needs(self, event: Received) -> None:
        data = self.data.of(event)
        for household in event.as_(NeedChanged).households:
            _keep_rhythm(data, household)

    @handles(HouseholdChanged)
    def keep_rhythm_of_household(self, event: Received) -> None:
        """Its card has another colour, it lives elsewhere, or it is no more."""
        _keep_rhythm(self.data.of(event), event.envelope.subject)

    @handles(VisitDone, VisitCancelled)
    def plan_next_visit(self, event: Received) -> None:
        data = self.data.of(event)
        _keep_rhythm(data, data.get(Visit, event.envelope.subject).household)

    @handles(*_CASE_EVENTS)
    def follow_case(self, event: Received) -> None:
        """Links the visit and the case that was made of what it found, and keeps the state of the case."""
        case = event.as_(_CaseTold).case
        if case.kind != "visit":
            return
        following = Following(
            id=case.id, number=case.number, state=case.state, area=case.area, sequence=event.envelope.sequence
        )
        self.data.of(event).change(Visit, case.source, lambda found: found.follow_case(following))

    def _fire(self, data: TenantData) -> None:
        raise_after = care_of(data).raise_after
        self.data.fire_due(data, Visit, lambda visit: visit.tick(data.context.now, raise_after))

    @staticmethod
    def _matter(data: TenantData, matter: api.FoundMatter | None) -> str:
        if matter is None:
            return ""
        require_category(data, matter.category, "matter.category")
        return matter.category


def _keep_rhythm(data: TenantData, household: str) -> None:
    """Puts the household's visits where and when they belong, and plans the next one of its rhythm if none waits.

    Idempotent, in whatever order events come: it reads what is so now.
    """
    try:
        found = data.get(Household, household)
    except NotFound:
        return
    visits = _unsettled(data, found)
    for each in visits:
        data.change(Visit, each.key, lambda visit: _settle(data, visit))
    day = lookups.rhythm_day(data, found, None)
    if day and not any(each.in_rhythm and each.state in WAITING for each in visits):
        _plan_in_turn(data, found, day)


def _settle(data: TenantData, visit: Visit) -> None:
    household = data.get(Household, visit.household)
    day = lookups.rhythm_day(data, household, visit) if visit.in_rhythm else None
    visit.settle(lookups.home_of(data, household), day)


def _plan_in_turn(data: TenantData, household: Household, day: Day) -> None:
    number = data.count(Visit, {"household": household.key, "in_rhythm": True})

    key = derived(household.key, "visit", str(number))
    try:
        data.create(Visit, lambda _: Visit.in_turn(key, lookups.home_of(data, household), day, data.context.now))
    except Taken:  # by another event at the same moment, which may not have known what this one changed
        for each in _unsettled(data, household):
            data.change(Visit, each.key, lambda visit: _settle(data, visit))


def _unsettled(data: TenantData, household: Household) -> list[Visit]:
    """Returns the visits that wait, and those paid at this dwelling before it lay in another grid."""
    moved = {"dwelling": household.dwelling, "area": {"$ne": household.area}}
    where = {"household": household.key, "$or": [{"state": {"$in": list(WAITING)}}, moved]}
    return data.find(Visit, where, limit=ALL)
