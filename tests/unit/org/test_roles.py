from __future__ import annotations

import pytest

from services.org.posts.roles import ACTS, CONDITIONS, ROLES, preview, purposes_of
from tests.unit.org.people_samples import COUNTY, GRID

pytestmark = pytest.mark.domain("Roles")


def test_the_roles_are_those_of_the_table() -> None:
    assert set(ROLES) == {
        *("resident", "courier", "grid_worker", "grid_leader", "counter", "hotline", "community", "street", "centre"),
        *("department", "inspector", "supervisor", "tenant_admin"),
    }


def test_every_act_and_condition_has_its_words() -> None:
    permissions = [permission for role in ROLES.values() for permission in role.permissions]
    assert {permission.act for permission in permissions} == set(ACTS)
    assert {permission.condition for permission in permissions} == set(CONDITIONS)


@pytest.mark.parametrize("act", ["grant", "inspect"])
def test_nobody_inspects_or_grants_their_own_work(act: str) -> None:
    for role in ROLES.values():
        for permission in role.permissions:
            if permission.act == act:
                assert permission.condition == "others_work"


def test_the_supervisor_only_reads_and_the_administrator_sees_no_cases() -> None:
    assert [permission.act for permission in ROLES["supervisor"].permissions] == ["read_supervision"]
    assert ROLES["tenant_admin"].sees == "none"
    assert ROLES["tenant_admin"].purposes == frozenset()


def test_only_street_and_centre_open_supervision_and_only_the_centre_voids() -> None:
    def who(act: str) -> set[str]:
        return {name for name, role in ROLES.items() if act in [permission.act for permission in role.permissions]}

    assert who("supervise") == who("grant") == {"street", "centre"}
    assert who("void") == {"centre"}


def test_a_preview_tells_each_act_with_its_area_and_condition_in_words() -> None:
    lines = preview([("grid_worker", GRID), ("centre", COUNTY)]).acts
    inspections = [(line.role, line.area, line.condition) for line in lines if line.act == "inspect"]
    assert inspections == [("centre", COUNTY, "others_work"), ("grid_worker", GRID, "others_work")]
    assert [line.zh for line in lines if line.act == "grant"] == ["审批、裁定(不得办理本人经手事项)"]


def test_the_same_role_for_the_same_area_is_told_once() -> None:
    assert preview([("counter", COUNTY), ("counter", COUNTY)]) == preview([("counter", COUNTY)])


def test_purposes_add_up_over_roles() -> None:
    assert purposes_of(["counter", "department"]) == {"intake", "handling"}
    assert purposes_of([]) == frozenset()
