"""Fixtures: invented people, units and cases of one city, for the tests of the case aggregate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.security.principal import Principal, path_of
from services.cases.api.states import Priority, State
from services.cases.case.model.case import Case
from services.cases.case.model.handling import Resolution
from services.cases.case.model.inputs import PartyIs, PlaceAt, Registration, Report
from services.cases.case.model.lead_requests import RequestInput
from services.cases.case.model.lead_unit import ListEntry, Order, UnitRef, WhistleRule
from services.cases.case.model.limits import Limits
from services.cases.case.model.merge import MergedChild, Target
from services.cases.case.model.post_holders import PostHolder
from services.cases.case.model.rating import Answer

TENANT = "wuhai"
CITY = path_of("1503")
COUNTY = path_of("1503", "150302")
STREET = path_of("1503", "150302", "150302011")
OTHER_STREET = path_of("1503", "150302", "150302012")
COMMUNITY = path_of("1503", "150302", "150302011", "150302011001")
OTHER_COMMUNITY = path_of("1503", "150302", "150302011", "150302011002")
GRID = COMMUNITY + "150302011001001/"
OTHER_GRID = COMMUNITY + "150302011001002/"

LIMITS = Limits.default()
#: A Monday, 10:00 in Wuhai.
START = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def person(subject: str, role: str, area: str = "", unit: str = "", *more: str, **facts: Any) -> Principal:
    return Principal(tenant=TENANT, subject=subject, roles=frozenset({role, *more}), area=area, unit=unit, **facts)


RESIDENT = person("r-1", "resident")
NEIGHBOUR = person("r-2", "resident")
COURIER = person("q-1", "courier")
WORKER = person("g-1", "grid_worker", GRID, post="post-grid-1")
LEADER = person("g-2", "grid_leader", OTHER_GRID)
COUNTER = person("c-1", "counter", COMMUNITY, post="post-counter")
HOTLINE = person("h-1", "hotline", CITY, post="post-hotline")
COMMUNITY_STAFF = person("m-1", "community", COMMUNITY, "150302011001")
STREET_STAFF = person("s-1", "street", STREET, "150302011", post="post-street")
OTHER_STREET_STAFF = person("s-2", "street", OTHER_STREET, "150302012")
CENTRE = person("z-1", "centre", COUNTY, "150302")
CITY_CENTRE = person("z-2", "centre", CITY, "1503")
URBAN = person("d-1", "department", COUNTY, "urban-management")
WATER = person("d-2", "department", COUNTY, "water")
HOUSING = person("d-3", "department", COUNTY, "housing")
INSPECTOR = person("i-1", "inspector", COUNTY)
SUPERVISOR = person("j-1", "supervisor", COUNTY)
ADMIN = person("a-1", "tenant_admin", CITY)


def holder(*posts: Principal) -> PostHolder:
    return PostHolder(subject=posts[0].subject, posts=posts)


HANDLER = holder(person("d-9", "department", COUNTY, "urban-management"))
NEXT_HANDLER = holder(person("d-8", "department", COUNTY, "urban-management"))
WATER_HANDLER = holder(person("w-9", "department", COUNTY, "water"))
HOUSING_HANDLER = holder(person("h-9", "department", COUNTY, "housing"))
STREET_HANDLER = holder(person("s-9", "street", STREET, "150302011"))
WORKING_INSPECTOR = holder(INSPECTOR)
NOBODY = PostHolder(subject="")

URBAN_UNIT = UnitRef(id="urban-management", path=COUNTY)
WATER_UNIT = UnitRef(id="water", path=COUNTY)
HOUSING_UNIT = UnitRef(id="housing", path=COUNTY)
STREET_UNIT = UnitRef(id="150302011", path=STREET, kind="street")
GRID_UNIT = UnitRef(id="150302011001001", path=GRID, kind="grid")
ENTRY = ListEntry(id="entry-1", lead="urban-management", supporting=("water",))
WATER_ENTRY = ListEntry(id="entry-2", lead="water")
HOUSING_ENTRY = ListEntry(id="entry-3", lead="housing")
TABLE = WhistleRule(id="rule-1", units=("urban-management", "water"))
ORDER = Order(lead=URBAN_UNIT, entry=ENTRY)
WATER_ORDER = Order(lead=WATER_UNIT, entry=WATER_ENTRY)
HOUSING_ORDER = Order(lead=HOUSING_UNIT, entry=HOUSING_ENTRY)
WHISTLE = Order(lead=URBAN_UNIT, entry=ENTRY, called=(WATER_UNIT,))
PLACE = PlaceAt(path=GRID, lon=106.79, lat=39.65, cell="cell-1", address="sealed:address")
RESIDENT_PARTY = PartyIs(person="r-1")
SOLVED = Answer(contacted=True, solved=True, satisfied=5)
UNSOLVED = Answer(contacted=True, solved=False, satisfied=3)
DONE = Resolution(outcome="solved", proof=("photo-2",))


def report_of(**changes: Any) -> Report:
    facts: dict[str, Any] = {
        "number": "20260302-0001", "category": "streetlight", "place": PLACE, "text": "sealed:text",
        "photos": ("photo-1",),
    }  # fmt: skip
    return Report(**{**facts, "party": RESIDENT_PARTY, **changes})


def registration(priority: Priority = Priority.P3, **changes: Any) -> Registration:
    return Registration(category="streetlight", priority=priority, **changes)


class Story:
    """Builder: takes a case through its steps, with its own clock. `to(state)` takes the shortest path there."""

    def __init__(self, final: Priority = Priority.P3, by: Principal = RESIDENT, **report: Any) -> None:
        self.now = START
        self.final = final
        self.case = Case.report(by, "CASE1", report_of(**report), LIMITS, self.now)

    def after(self, span: timedelta) -> Story:
        self.now += span
        self.case.tick(self.now, LIMITS)
        return self

    def verified(self) -> Story:
        self.case.verify(WORKER, True, "note-v", (), self.now)
        return self

    def registered(self, **form: Any) -> Story:
        if self.case.verification is None:
            self.verified()
        self.case.register(STREET_STAFF, registration(self.final, **form), LIMITS, self.now)
        return self

    def dispatched(self, order: Order = ORDER) -> Story:
        self.registered() if self.case.state in (State.REPORTED, State.VERIFYING) else None
        self.case.dispatch(STREET_STAFF, order, LIMITS, self.now)
        return self

    def whistled(self) -> Story:
        self.registered()
        self.case.whistle(STREET_STAFF, WHISTLE, LIMITS, self.now)
        return self

    def returned(self) -> Story:
        self.dispatched()
        self.case.return_(URBAN, "entry-2", WATER_UNIT, "not_ours", LIMITS, self.now)
        return self

    def disputed(self) -> Story:
        self.returned()
        self.case.dispatch(STREET_STAFF, WATER_ORDER, LIMITS, self.now)
        self.case.return_(WATER, "entry-1", URBAN_UNIT, "not_ours", LIMITS, self.now)
        return self

    def accepted(self) -> Story:
        if self.case.state != State.DISPATCHED:
            self.dispatched()
        self.case.accept(URBAN, HANDLER, LIMITS, self.now)
        return self

    def in_progress(self) -> Story:
        if self.case.state not in (State.ACCEPTED, State.REWORK):
            self.accepted()
        self.case.start(URBAN, self.now)
        return self

    def suspended(self, span: timedelta = DAY) -> Story:
        self.in_progress()
        return self._suspend(span)

    def suspended_again(self, span: timedelta) -> Story:
        self.dispatched().accepted().in_progress()
        return self._suspend(span)

    def _suspend(self, span: timedelta) -> Story:
        form = RequestInput(what="suspension", reason="frost", party_told=True, until=self.now + span)
        number = self.case.ask(URBAN, form, LIMITS, self.now)
        self.case.grant(CENTRE, number, LIMITS, self.now)
        return self

    def inspecting(self, result: Resolution = DONE) -> Story:
        if self.case.state != State.IN_PROGRESS:
            self.in_progress()
        if self.case.contacted_at is None:
            self.case.contact(URBAN, "note-c", self.now)
        self.case.resolve(URBAN, result, LIMITS, self.now)
        return self

    def rework(self) -> Story:
        self.inspecting()
        self.case.inspect(STREET_STAFF, False, "visit", "note-i", LIMITS, self.now)
        return self

    def awaiting_rating(self, result: Resolution = DONE) -> Story:
        self.inspecting(result)
        self.case.inspect(STREET_STAFF, True, "visit", "note-i", LIMITS, self.now)
        return self

    def closed(self, result: Resolution = DONE) -> Story:
        self.awaiting_rating(result)
        self.case.rate(RESIDENT, SOLVED, LIMITS, self.now)
        return self

    def reopened(self) -> Story:
        self.closed()
        self.case.reopen(RESIDENT, "came_back", LIMITS, self.now)
        return self

    def to(self, state: State) -> Case:
        paths = {
            State.REPORTED: lambda: self,
            State.VERIFYING: self.verified,
            State.AWAITING_RATING: self.awaiting_rating,
            State.REJECTED: lambda: self.verified().case.reject(STREET_STAFF, "not_public", self.now),
            State.SELF_RESOLVED: lambda: self.case.self_resolve(WORKER, "note-s", (), self.now),
            State.WITHDRAWN: lambda: self.case.withdraw(RESIDENT, "gone", LIMITS, self.now),
            State.VOIDED: lambda: self.case.void(CENTRE, "test_entry", LIMITS, self.now),
            State.MERGED: self.merged,
        }
        paths.get(state, getattr(self, state.value.lower(), None))()  # type: ignore[misc]
        assert self.case.state == state
        return self.case

    def merged(self) -> Story:
        self.registered()
        self.case.merge_into(STREET_STAFF, Target(case="CASE2", state=State.REGISTERED), self.now)
        return self


def child(priority: Priority = Priority.P3, sequence: int = 7) -> MergedChild:
    return MergedChild(case="CASE2", sequence=sequence, priority=priority, started_at=START, parties=1)


def events_of(case: Case, kind: type) -> list[Any]:
    """Returns the case's pending events of that kind, oldest first."""
    return [event for event in case.pending if isinstance(event, kind)]
