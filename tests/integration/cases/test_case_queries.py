"""Every query of cases is served by an index that begins with the tenant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chassis.clock import EPOCH
from chassis.persistence.or_branches import or_branches
from services.cases.api.states import WorkList
from services.cases.case.case_counts import WHERE_OPEN, where_overdue
from services.cases.case.model.visibility import where_seen
from services.cases.case.work_lists import LISTS, work_list_of
from tests.integration.cases.town import PEOPLE, Town
from tests.servers.site import Site

PAST = {"$lte": datetime(2026, 1, 1, tzinfo=UTC)}
NEWEST, NEXT = [("reported_at", -1), ("_id", -1)], [("due", 1), ("_id", 1)]
SEERS = [*(name for name in PEOPLE if name not in ("tenant_admin", "operator")), "urban"]


def plan_of(site: Site, where: dict[str, Any], sort: list[tuple[str, int]]) -> str:
    cursor = site.collections("cases")["cases"].find({"tenant": "wuhai", **where})
    return str((cursor.sort(sort) if sort else cursor).explain()["queryPlanner"]["winningPlan"])


def assert_served(site: Site, conditions: list[dict[str, Any]], sort: list[tuple[str, int]]) -> None:
    """Each of the questions that a list asks."""
    for way in or_branches(conditions):
        plan = plan_of(site, way, sort)
        assert "IXSCAN" in plan, way
        assert "COLLSCAN" not in plan, way


@pytest.mark.parametrize("name", SEERS)
@pytest.mark.parametrize("narrowed", [{}, {"state": "REPORTED"}, {"state": "REPORTED", "reported_at": PAST}])
def test_an_index_serves_a_list_of_whatever_somebody_sees(town: Town, name: str, narrowed: dict[str, Any]) -> None:
    scope = where_seen(town.who(name))
    assert scope is not None
    assert_served(town.site, [scope, narrowed], NEWEST)


@pytest.mark.parametrize("name", ["street", "urban", "inspector", "grid_worker", "community"])
@pytest.mark.parametrize("work_list", LISTS)
@pytest.mark.parametrize("due", [{"$gte": EPOCH}, None])
def test_an_index_serves_a_work_list(town: Town, name: str, work_list: WorkList, due: Any) -> None:
    by = town.who(name)
    scope, wanted = where_seen(by), work_list_of(work_list, by)
    assert scope is not None
    assert_served(town.site, [scope, wanted, {"due": due}], NEXT)


def test_the_index_of_the_number_serves_whoever_asks_by_number(town: Town) -> None:
    plan = plan_of(town.site, {"number": "20261129-0042"}, [])
    assert "IXSCAN" in plan
    assert "'number': 1" in plan


@pytest.mark.parametrize(
    ("where", "sort"),
    [
        ({"persons": "r-1"}, [("reported_at", -1)]),
        ({"handler": "u-9", "areas": "150302"}, NEXT),
        ({"areas": "150302003014001", "state": {"$in": ["REPORTED", "REGISTERED"]}}, []),
        ({"next_due_at": PAST}, [("next_due_at", 1)]),
    ],
)
def test_an_index_serves_what_the_service_asks_by_itself(town: Town, where: dict[str, Any], sort: Any) -> None:
    plan = plan_of(town.site, where, sort)
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan


@pytest.mark.parametrize("where", [WHERE_OPEN, where_overdue(datetime(2026, 1, 1, tzinfo=UTC))])
def test_an_index_serves_the_gauges(town: Town, where: dict[str, Any]) -> None:
    plan = plan_of(town.site, where, [])
    assert "tenant_1_state_1_reported_at_-1__id_-1" in plan
    assert "COLLSCAN" not in plan
