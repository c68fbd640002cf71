"""What the worlds of these tests have in common: units, lists and people of one city, and all that a viewer may ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from mongoengine import Document

from chassis.security.principal import Principal, codes_of, path_of
from gateway.events.visibility import sees, shown
from services.cases.case.work_lists import LISTS
from services.cases.directory.replicas import (
    AssignmentReplica,
    ListEntryReplica,
    PlaceReplica,
    TenantSettings,
    UnitReplica,
)
from services.cases.hotline.model.calls import Roster
from tests.contract.cases.hidden.kept import Desk, number_of
from tests.contract.cases.rights.requests import OF_A_CASE
from tests.unit.cases import people as p
from vocabulary.roles import DUTIES
from vocabulary.tiers import tier_of

Args = dict[str, Any]
START = p.START
STREET, COMMUNITY = codes_of(p.STREET)[-1], codes_of(p.COMMUNITY)[-1]
PLACE = {"path": p.GRID, "lon": 106.79, "lat": 39.65, "address": "1 Long Street"}
PHONE = "13900000001"
ALL_PURPOSES = frozenset({"intake", "callback", "handling"})
#: How many people look at the worlds of one example.
LOOKING = 3
#: The shortest way through the loop; any other steps come between.
LOOP: list[tuple[str, Args]] = [
    ("verify", {"found": True, "note": "seen"}), ("register", {}), ("dispatch", {"lead": "housing"}),
    ("accept", {"handler": "colleague"}), ("start", {}), ("contact", {"note": "called"}),
    ("resolve", {"outcome": "solved", "note": "done"}), ("inspect", {"note": "seen", "passed": True, "how": "call"}),
]  # fmt: skip
BESIDE: list[tuple[str, Args]] = [
    (method, args | ({"lead": "housing"} if "lead" in args else {}))
    for method, args in OF_A_CASE.items()
    if method not in ("get_case", "case_history", "list_comments", "suggest_units")
]


def directory() -> Iterator[Document]:
    tenant = p.TENANT
    yield TenantSettings(id=f"{tenant}:{tenant}", tenant=tenant, root="1503", path=p.CITY)
    yield Roster(id=Roster.identity(tenant, "2026-03-02"), tenant=tenant, starts=START)
    for name in ("water", "housing", "urban-management"):
        yield UnitReplica(
            id=f"{tenant}:{name}", tenant=tenant, name=name, kind="department", path=p.COUNTY, active=True
        )
    for number, lead in enumerate(("housing", "water"), 1):
        yield ListEntryReplica(
            id=f"{tenant}:entry-{number}", tenant=tenant, kind="duties", category="streetlight", tier="street",
            lead=lead, supporting=["urban-management"], valid_from=START - p.DAY,
        )  # fmt: skip
    for path in (p.GRID, p.OTHER_STREET):
        for length in range(1, len(codes_of(path)) + 1):
            part = path_of(*codes_of(path)[:length])
            yield PlaceReplica(id=f"{tenant}:{codes_of(part)[-1]}", tenant=tenant, path=part, tier=tier_of(part))
    for key, subject, role, area, unit in (
        ("a-1", "colleague", "department", p.COUNTY, "housing"), ("a-2", "inspector", "inspector", p.CITY, "1503"),
    ):  # fmt: skip
        yield AssignmentReplica(
            id=f"{tenant}:{key}", tenant=tenant, post="x", subject=subject, roles=[role], area=area, unit=unit,
            valid_from=START - p.DAY,
        )  # fmt: skip


def asked_by_anybody(cases: list[str]) -> Iterator[tuple[str, Args]]:
    """Every query, and every step of these cases, whether the viewer knows of them or guesses."""
    since, until = START.date().isoformat(), (START + timedelta(days=60)).date().isoformat()
    for case in cases:
        yield from ((method, {"case": case, **args}) for method, args in OF_A_CASE.items())
        yield "list_cases", {"number": number_of(case.removesuffix("-Case"))}
    for sort in ("-reported_at", "reported_at", "due", "-due"):
        yield "list_cases", {"limit": 2, "sort": sort}
    yield from (("work_list", {"name": name, "limit": 2}) for name in LISTS)
    yield from (("get_daily_report", {"day": (START + timedelta(days=days)).date().isoformat()}) for days in (0, 1))
    for split in ("unit", "day", "area"):
        yield "get_indicators", {"since": since, "until": until, "split": split}
    yield from (("list_hot_spots", {"since": since, "days": days}) for days in (7, 30))
    yield from (("list_proceedings", {"kind": kind}) for kind in ("review", "accountability"))
    for words in ("the lamp is dark", "secret"):
        yield "suggest_duplicates", {"category": "streetlight", "text": words, "lon": 106.79, "lat": 39.65}
    yield "list_callers_cases", {"phone": PHONE}
    yield from ((method, {}) for method in ("list_callbacks", "list_tickets", "list_deliberations", "list_mediations"))
    yield from (("handover", {"person": person}) for person in ("colleague", "r-1", "r-2"))
    yield "get_ticket", {"ticket": "ticket-Ticket"}
    yield "report", {"category": "streetlight", "place": PLACE, "text": "again", "reporter": {"phone": PHONE}}


def told(desk: Desk, by: Principal) -> list[bytes]:
    """The live events that the gateway shows to this person, without their random ids."""
    return [shown(event, by).replace(event.id.encode(), b"") for event in desk.told if sees(event, by)]


def everybody(area: str, unit: str) -> Iterator[Principal]:
    """A person in every role, as their post gives them this area and unit."""
    for role in DUTIES:
        yield p.person("viewer", role, area, unit, purposes=ALL_PURPOSES, post="viewing")
