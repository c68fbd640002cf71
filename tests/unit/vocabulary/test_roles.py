from __future__ import annotations

import pytest

from vocabulary.rights import HOLDERS, permissions_of
from vocabulary.roles import DUTIES, Permission, purposes_of

pytestmark = pytest.mark.domain("Roles")


def test_the_roles_are_those_of_the_table() -> None:
    assert set(DUTIES) == {
        *("resident", "courier", "grid_worker", "grid_leader", "counter", "hotline", "community", "street", "centre"),
        *("department", "inspector", "supervisor", "tenant_admin"),
    }


def test_the_supervisor_only_reads_but_for_alerts_of_reading_and_the_administrator_sees_no_cases() -> None:
    assert set(permissions_of("supervisor")) == {
        *("read_case", "read_deliberation", "read_roster", "read_daily_report"),
        *("read_indicators", "read_proceedings", "look_up", "manage_assignment", "read_user"),
        "follow_up_reading",
    }
    assert DUTIES["tenant_admin"].sees == "none"
    assert DUTIES["tenant_admin"].purposes == frozenset()


def test_only_street_and_centre_open_supervision_and_only_the_centre_voids() -> None:
    assert HOLDERS[Permission.SUPERVISE] == HOLDERS[Permission.GRANT] == {"street", "centre"}
    assert HOLDERS[Permission.VOID] == {"centre"}


def test_purposes_add_up_over_roles() -> None:
    assert purposes_of(["counter", "department"]) == {"intake", "handling"}
    assert purposes_of([]) == frozenset()
