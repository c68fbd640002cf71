from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.errors import Invalid
from services.cases.api.states import Priority
from services.cases.case.model.limits import Limits
from tests.unit.cases import people as p
from tests.unit.cases.people import Story

pytestmark = pytest.mark.domain("The case: Limits")

P1, P2, P3, P4 = Priority
LIMITS = Limits.default()
THURSDAY = datetime(2026, 11, 19, 2, tzinfo=UTC)  # 10:00 in Beijing, a working day
SUNDAY = datetime(2026, 11, 22, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def due(priority: Priority, registered: datetime, limits: Limits = LIMITS) -> datetime:
    """Returns when a case is due that is registered at that moment."""
    case = Story().verified().case
    case.register(p.STREET_STAFF, p.registration(priority), limits, registered)
    return case.due


def test_a_case_has_two_hours_a_day_a_week_or_fifteen_days() -> None:
    spans = [due(priority, SUNDAY) - SUNDAY for priority in Priority]
    assert spans == [2 * HOUR, 24 * HOUR, 7 * DAY, 15 * DAY]


def test_the_first_two_priorities_do_not_wait_for_monday() -> None:
    assert LIMITS.accept_due(P1, SUNDAY) == SUNDAY + 10 * MINUTE
    assert LIMITS.accept_due(P2, SUNDAY) == SUNDAY + HOUR
    assert LIMITS.accept_due(P3, SUNDAY) == datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.parametrize("due", [LIMITS.verify_due, LIMITS.dispatch_due, LIMITS.accept_due, LIMITS.inspection_due])
@pytest.mark.parametrize(("priority", "span"), [(P2, HOUR), (P3, 2 * HOUR), (P4, 2 * HOUR)])
def test_each_step_has_its_own_two_working_hours(due, priority: Priority, span: timedelta) -> None:  # type: ignore[no-untyped-def]
    assert due(priority, THURSDAY) - THURSDAY == span


def test_a_p1_case_needs_no_verification() -> None:
    assert LIMITS.verify_due(P1, THURSDAY) is None


def test_closing_is_due_the_accept_limit_after_the_case_itself() -> None:
    case_due = due(P3, THURSDAY)
    assert LIMITS.closing_due(P3, case_due) == case_due + 2 * HOUR


@pytest.mark.parametrize(
    ("due", "spans"),
    [
        (LIMITS.contact_due, [30 * MINUTE, 4 * HOUR, 24 * HOUR, 24 * HOUR]),
        (LIMITS.report_in_due, [10 * MINUTE, 30 * MINUTE, 30 * MINUTE, 30 * MINUTE]),
        (LIMITS.ruling_due, [30 * MINUTE, 30 * MINUTE, 24 * HOUR, 24 * HOUR]),
        (LIMITS.urge_due, [HOUR, HOUR, 24 * HOUR, 24 * HOUR]),
    ],
)
def test_contact_no_show_ruling_and_urge_run_on_the_clock(due, spans: list[timedelta]) -> None:  # type: ignore[no-untyped-def]
    assert [due(priority, SUNDAY) - SUNDAY for priority in Priority] == spans


def test_the_days_of_suspension_rating_objection_reopening_and_appeal() -> None:
    ends = [
        LIMITS.suspension_until,
        LIMITS.rating_until,
        LIMITS.objection_until,
        LIMITS.reopening_until,
        LIMITS.appeal_until,
    ]
    assert [(end(SUNDAY) - SUNDAY).days for end in ends] == [30, 7, 7, 15, 3]


def test_a_tenant_may_change_any_limit_and_keeps_the_others() -> None:
    limits = Limits.from_settings({"limits": {"case": {"P3": "5wd"}, "appeal": "5d"}})
    assert due(P3, THURSDAY, limits) == datetime(2026, 11, 26, 2, tzinfo=UTC)
    assert due(P4, THURSDAY, limits) == due(P4, THURSDAY)
    assert limits.appeal_until(THURSDAY) == THURSDAY + 5 * DAY
    assert limits.rating_until(THURSDAY) == LIMITS.rating_until(THURSDAY)


def test_emergency_limits_apply_on_top_of_the_tenants() -> None:
    tenant = Limits.from_settings({"limits": {"case": {"P2": "12h", "P3": "3d"}}})
    emergency = tenant.changed({"case": {"P3": "1d"}})
    assert [due(priority, SUNDAY, emergency) - SUNDAY for priority in (P2, P3)] == [12 * HOUR, DAY]


def test_the_share_used_is_counted_in_the_limits_own_kind() -> None:
    story = Story(P2)
    story.now = SUNDAY
    clock = story.in_progress().after(18 * HOUR).inspecting().case.clock
    assert clock.used / clock.limit == 0.75


def test_every_bad_limit_is_named() -> None:
    with pytest.raises(Invalid) as refusal:
        Limits.from_settings({"limits": {"case": {"P3": "soon", "P4": 3}, "appeal": 3, "rating": "0d", "urge": "2h"}})
    assert {fault["field"] for fault in refusal.value.data["fields"]} == {
        "limits.case.P3",
        "limits.case.P4",
        "limits.appeal",
        "limits.rating",
        "limits.urge",
    }


def test_an_unknown_limit_of_a_later_version_is_ignored() -> None:
    later = Limits.from_settings(
        {"limits": {"parking": {"P1": "2h"}, "case": {"P0": "1h", "P2": "12h"}, "calendar": 1}}
    )
    assert later == Limits.from_settings({"limits": {"case": {"P2": "12h"}}})
