"""Worlds: a caller in one role, and records to which they are related in some ways and in no other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from mongoengine import Document

from chassis.security.principal import Principal, codes_of, path_of
from services.cases.analytics.model.facts import CaseFacts
from services.cases.api.reviews import ProceedingState
from services.cases.api.states import State
from services.cases.case.model import embedded
from services.cases.case.model.case import Case
from services.cases.counter.model import Item, ItemState, Ticket
from services.cases.deliberation.model import Deliberation
from services.cases.directory.replicas import (
    AssignmentReplica,
    ListEntryReplica,
    PlaceReplica,
    TenantSettings,
    UnitReplica,
)
from services.cases.evidence.model import Photo
from services.cases.hotline.model.calls import Callback, Roster
from services.cases.hotline.model.knowledge_base import Article
from services.cases.mediation.model import Mediation, Participant, Session
from services.cases.reviews.model import Review
from services.cases.service import Cases
from tests.contract.dry import service_with
from tests.unit.cases import people as p
from vocabulary.rights import RIGHTS, Relation
from vocabulary.roles import DUTIES, Permission, Role
from vocabulary.tiers import Tier, depth_of, tier_of

OWN, TAKEN, AREA, TIER, UNIT, ASSIGNED = (
    Relation.OWN, Relation.TAKEN, Relation.AREA, Relation.TIER, Relation.UNIT, Relation.ASSIGNED,
)  # fmt: skip
HERE, THERE = p.GRID, path_of("1508", "150802", "150802001", "150802001001", "150802001001001")
STREET = p.STREET
#: The tier of the area that a role's post has.
_TIERS: dict[str, Tier] = {
    Role.GRID_WORKER: Tier.GRID, Role.GRID_LEADER: Tier.GRID, Role.COMMUNITY: Tier.COMMUNITY, Role.STREET: Tier.STREET,
    Role.CENTRE: Tier.COUNTY, Role.TENANT_ADMIN: Tier.CITY, Role.HOTLINE: Tier.COUNTY, Role.SUPERVISOR: Tier.COUNTY,
    Role.DEPARTMENT: Tier.STREET, Role.COUNTER: Tier.COMMUNITY, Role.RESIDENT: Tier.GRID, Role.COURIER: Tier.GRID,
    Role.INSPECTOR: Tier.COUNTY,
}  # fmt: skip
DIVISIONS = (Role.COMMUNITY, Role.STREET, Role.CENTRE)
MINE, THEIRS = "my-unit", "their-unit"


class World(NamedTuple):
    """`posted`: the caller's area is a division that works on the record, but the caller is no officer of it.

    `managed`: the unit of the caller's post works on it, but the caller is an officer of another division.
    """

    role: str
    relations: frozenset[Relation]
    posted: bool = False
    managed: bool = False

    @property
    def name(self) -> str:
        marks = [mark for mark in ("posted", "managed") if getattr(self, mark)]
        return "-".join([self.role, *sorted(self.relations), *marks])

    @property
    def area(self) -> str:
        base = HERE if {AREA, TIER} & self.relations else THERE
        return path_of(*codes_of(base)[: depth_of(_TIERS[self.role])])

    @property
    def caller(self) -> Principal:
        unit = codes_of(self.area)[-1] if self.role in DIVISIONS and not self.managed else MINE
        return Principal(
            tenant=p.TENANT, subject="me", roles=frozenset({self.role}), area=self.area, unit=unit, post="post"
        )

    @property
    def unit(self) -> str:
        """The unit that leads, was called, has the sub-task, and so on."""
        if self.posted:
            return codes_of(self.area)[-1]
        return self.caller.unit if UNIT in self.relations or self.managed else THEIRS

    @property
    def person(self) -> str:
        return "me" if OWN in self.relations else "r-1"


def worlds() -> Iterator[World]:
    for role in DUTIES:
        for relations in ((), (OWN,), (TAKEN,), (AREA,), (AREA, TIER), (UNIT,), (ASSIGNED,)):
            yield World(role, frozenset(relations))
        # No centre leads a case of its own.
        both = () if role == Role.CENTRE else ((AREA, TIER, UNIT),)
        for relations in ((AREA, OWN), (AREA, TAKEN), (UNIT, TAKEN), (ASSIGNED, TAKEN), *both):
            yield World(role, frozenset(relations))
        if role in DIVISIONS:
            yield World(role, frozenset(), managed=True)
        elif role not in (Role.GRID_WORKER, Role.GRID_LEADER):
            yield World(role, frozenset({AREA}), posted=True)


def has(world: World, *permissions: Permission, in_any: bool = False) -> bool:
    """The table, read as a person would."""
    return any(
        world.role in right.roles and (in_any or right.relation is Relation.ANY or right.relation in world.relations)
        for right in RIGHTS
        if right.permission in permissions
    )


def cases_with(documents: Iterable[Document]) -> Cases:
    tickets = SimpleNamespace(issue=lambda ticket: "ticket")
    numbers = SimpleNamespace(draw=lambda data: "20260302-0001")
    return service_with(Cases, documents, tickets=tickets, numbers=numbers)


@cache
def records(world: World, state: State = State.IN_PROGRESS) -> list[Document]:
    return [_case(world, state), *_beside(world), *_replicas(world)]


def _case(world: World, state: State) -> Case:
    case = p.Story(party=p.PartyIs(person=world.person)).in_progress().case
    unit, before = world.unit, p.START - timedelta(days=1)
    case.state, case.version = state, 3
    case.first_person = "me" if TAKEN in world.relations else "g-1"
    case.first_owner.person = case.first_person
    case.inspectors = ["me"] if ASSIGNED in world.relations else []
    case.lead, case.lead_path, case.lead_kind = unit, STREET, "department"
    case.tier = tier_of(world.area) if TIER in world.relations else Tier.CITY
    case.merged_from = State.REGISTERED if state is State.MERGED else ""
    case.merged_into = "CASE2" if state is State.MERGED else ""
    case.contacted_at, case.step_due = before, None
    case.closed_at = before if state is State.CLOSED else None
    case.rating_until = p.START + p.DAY
    case.results = [embedded.Result(round=1, outcome="solved", resolved_at=before, on_time=True)]
    if state is State.RETURNED:
        case.returns = [embedded.Return(unit="housing", at=before, unit_path=STREET)]
        case.dispute = embedded.Dispute(opened_at=before, units=["water", "housing"], ruler=STREET)
    caller = "me" if OWN in world.relations else "someone"
    case.calls = [
        embedded.UnitCall(unit=unit, by=caller, by_unit=unit, called_at=before, due=p.START + p.DAY),
        embedded.UnitCall(unit="called", state="NO_SHOW", by=caller, by_unit=unit, called_at=before, due=before),
        embedded.UnitCall(unit=unit, by=caller, by_unit=unit, called_at=before, due=p.START + p.DAY),
    ]
    case.sub_tasks = []
    case.requests = [embedded.Request(number=1, kind="extension", asked_at=before, until=p.START + 30 * p.DAY)]
    case.urges = [embedded.Urge(number=1, person="someone", at=before, due=before)]
    case.supervisions = [embedded.Supervision(number=1, tier=STREET, opened_at=before)]
    case.units = [unit]
    case.pending.clear()
    return case


def hidden_report(world: World) -> list[Document]:
    """Of a confidential reporter, taken from them by staff."""
    case = _case(world, State.IN_PROGRESS)
    case.kind, case.screened, case.parties[0].confidentiality = "counter", False, "confidential"
    return [case, *_beside(world), *_replicas(world)]


def called_beside_the_lead(world: World) -> list[Document]:
    case = _case(world, State.IN_PROGRESS)
    case.lead = "lead"
    return [case, *_beside(world), *_replicas(world)]


def with_sub_task(world: World, state: str, absent: bool = False) -> list[Document]:
    case = _case(world, State.IN_PROGRESS)
    case.sub_tasks = [
        embedded.SubTask(number=1, unit=world.unit, title="t", state=state, assigned_at=p.START, handler="me")
    ]
    if absent:
        case.calls[-1].state = "NO_SHOW"
    return [case, *_beside(world), *_replicas(world)]


def _beside(world: World) -> Iterator[Document]:
    tenant, mine = p.TENANT, OWN in world.relations
    other = Case.report(p.RESIDENT, "CASE2", p.report_of(), p.LIMITS, p.START)
    other.state = State.REGISTERED
    other.pending.clear()
    yield other
    far = Case.report(p.RESIDENT, "FAR", p.report_of(place=p.PlaceAt(path=THERE)), p.LIMITS, p.START)
    far.pending.clear()
    yield far
    facts: dict[str, Any] = {"area": HERE, "unit": THEIRS, "due": p.START - p.DAY, "codes": codes_of(HERE)}
    yield CaseFacts(id=CaseFacts.identity(tenant, "CASE1"), tenant=tenant, first_due=p.START - p.DAY, **_known(facts))
    ticket = Ticket(id=Ticket.identity(tenant, "T1"), tenant=tenant, area=HERE, codes=codes_of(HERE), receipt="R")
    ticket.owner = embedded.FirstOwner(person="me" if TAKEN in world.relations else "wang")
    ticket.counter, ticket.units, ticket.opened_at = world.unit, [world.unit], p.START
    ticket.items = [Item(number=1, service="card", unit=world.unit)]
    ticket.items += [Item(number=2, service="permit", unit=world.unit, state=ItemState.WAITING, missing=["sealed"])]
    yield ticket
    for key, state in (("D1", "CONVENED"), ("D2", "HELD")):
        yield Deliberation(
            id=Deliberation.identity(tenant, key), tenant=tenant, kind="four_party", area=HERE, codes=codes_of(HERE),
            topic="t", at=p.START - p.DAY, convener=world.unit, units=[world.unit], state=state,
        )  # fmt: skip
    me = "me" if mine else "p-1"
    yield _mediation("M1", (me, "party"), ("p-2", "party"), ("p-3", "mediator"))
    yield _mediation("M2", (me, "mediator"), ("p-2", "party"), ("p-3", "party"))
    yield _mediation("M3", (me, "party"), ("p-2", "party"), ("p-3", "mediator"), state="AGREED")
    for key, proceeding in (
        ("P1", ProceedingState.OPEN), ("P2", ProceedingState.FOUNDED), ("P3", ProceedingState.APPEALED),
    ):  # fmt: skip
        yield Review(
            id=Review.identity(tenant, key), tenant=tenant, unit=world.unit, area=HERE, codes=codes_of(HERE), score=2,
            cause="rating", opened_at=p.START - 9 * p.DAY, hearing_until=p.START - p.DAY, case="CASE1",
            state=proceeding,
        )  # fmt: skip
    yield Callback(id=Callback.identity(tenant, "B1"), tenant=tenant, phone="13900000001", due=p.START)
    yield Article(
        id=Article.identity(tenant, "A1"), tenant=tenant, title="t", answer="a", edited_at=p.START, state="PUBLISHED"
    )
    yield Roster(id=Roster.identity(tenant, "2026-03-02"), tenant=tenant, starts=p.START)
    yield Photo(
        id=Photo.identity(tenant, "F1"), tenant=tenant, owner="me" if mine else "someone", purpose="report",
        asked_at=p.START, state="STORED",
    )  # fmt: skip


def _mediation(key: str, *people: tuple[str, str], state: str = "OPEN") -> Mediation:
    return Mediation(
        id=Mediation.identity(p.TENANT, key), tenant=p.TENANT, area=HERE, category="dispute.property", topic="t",
        participants=[Participant(person=person, capacity=capacity) for person, capacity in people],
        people=[person for person, _ in people], convener="someone", opened_at=p.START, agreement="a",
        fulfil_by=p.START - p.DAY, sessions=[Session(at=p.START)], state=state,
    )  # fmt: skip


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name in CaseFacts._fields}


def _replicas(world: World) -> Iterator[Document]:
    tenant = p.TENANT
    for name in ("water", "housing"):
        yield UnitReplica(id=f"{tenant}:{name}", tenant=tenant, name=name, kind="department", path=STREET, active=True)
    yield ListEntryReplica(
        id=f"{tenant}:entry-1", tenant=tenant, kind="duties", category="streetlight", tier="street", lead="water",
        supporting=["housing"], valid_from=p.START - p.DAY,
    )  # fmt: skip
    yield TenantSettings(id=f"{tenant}:{tenant}", tenant=tenant, root="1503", path=p.CITY)
    for length in range(1, 6):
        path = path_of(*codes_of(HERE)[:length])
        yield PlaceReplica(id=f"{tenant}:{codes_of(path)[-1]}", tenant=tenant, path=path, tier=tier_of(path))
    of_unit = (
        {"unit": world.unit, "roles": ["department"]}
        if world.role not in DIVISIONS
        else {"unit": world.unit, "roles": [world.role]}
    )
    for key, facts in (
        ("a-1", {"subject": "colleague", "area": world.area, **of_unit}),
        ("a-2", {"subject": "inspector", "area": p.CITY, "unit": "1503", "roles": ["inspector"]}),
    ):
        yield AssignmentReplica(id=f"{tenant}:{key}", tenant=tenant, post="x", valid_from=p.START - p.DAY, **facts)
