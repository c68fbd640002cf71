from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.org.api.posts import Terms
from services.org.posts.model.assignment import (
    FOUR,
    MOST_ASSIGNMENTS,
    AbsenceClash,
    Assignment,
    Ended,
    Incomplete,
    NoBackup,
    OwnAssignment,
    TooManyAssignments,
    require_four,
)
from services.org.posts.model.post import PostClosed
from tests.unit.org.people_samples import COMMUNITY, GRID, NOW, STREET, assignment, post, terms

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FOUR_FIXED = pytest.mark.domain("四定 (定人员/岗位/职责/区域)")
BACKUP = pytest.mark.domain("首问负责, AB岗, 最多跑一次")


@FOUR_FIXED
@given(present=st.sets(st.sampled_from(sorted(FOUR))))
def test_an_assignment_without_all_four_is_refused_with_the_missing_named(present: set[str]) -> None:
    requested = Terms(**dict.fromkeys(present, "x"))
    missing = [field for field in FOUR if field not in present]
    if not missing:
        require_four(requested)
        return
    with pytest.raises(Incomplete) as refusal:
        require_four(requested)
    assert [fault["field"] for fault in refusal.value.data["fields"]] == missing


@FOUR_FIXED
def test_the_refusal_names_the_missing_fields_in_both_languages() -> None:
    with pytest.raises(Incomplete) as refusal:
        require_four(Terms(subject="U-1", post="P-1", duty="  "))
    assert refusal.value.text("en").endswith("these are missing: duty, area.")
    assert refusal.value.text("zh-CN").endswith("请补充：职责、区域。")


@FOUR_FIXED
def test_the_area_lies_in_the_area_of_the_post() -> None:
    with pytest.raises(Invalid) as refusal:
        assignment(post(), area=STREET)
    assert refusal.value.data["fields"][0]["field"] == "area"


def test_an_assignment_takes_roles_unit_and_area_from_the_post() -> None:
    record = assignment(post())
    assert (record.roles, record.unit, record.area) == (["grid_worker"], "150302011001", GRID)


def test_nobody_assigns_themselves() -> None:
    with pytest.raises(OwnAssignment):
        Assignment.give("wuhai", "A-1", terms(post(), subject="admin"), post(), by="admin", now=NOW)


def test_nobody_is_assigned_to_a_closed_post() -> None:
    closed = post()
    closed.close()
    with pytest.raises(PostClosed):
        assignment(closed)


def test_an_assignment_is_in_force_from_its_start_up_to_its_end() -> None:
    record = assignment(post(), valid_from=NOW + HOUR, valid_until=NOW + DAY)
    assert [record.in_force(NOW + after) for after in (timedelta(), HOUR, DAY - HOUR, DAY)] == [
        False,
        True,
        True,
        False,
    ]


def test_an_end_before_the_start_or_in_the_past_is_refused() -> None:
    for span in ({"valid_from": NOW + DAY, "valid_until": NOW + HOUR}, {"valid_until": NOW - HOUR}):
        with pytest.raises(Invalid):
            assignment(post(), **span)


def test_it_ends_by_itself_once_and_not_before_its_time() -> None:
    record = assignment(post(), valid_until=NOW + DAY)
    record.end_when_due(NOW + HOUR)
    assert not record.ended
    assert record.due_at() == NOW + DAY
    record.end_when_due(NOW + DAY)
    record.end_when_due(NOW + DAY)
    assert record.ended
    assert record.due_at() is None
    assert len(record.pending) == 2


def test_an_early_end_takes_effect_at_once_and_cannot_be_repeated() -> None:
    record = assignment(post())
    record.end(NOW + HOUR)
    assert not record.in_force(NOW + HOUR)
    assert record.state_event().valid_until == NOW + HOUR
    with pytest.raises(Ended):
        record.end(NOW + HOUR)


@BACKUP
def test_b_acts_only_while_a_is_absent() -> None:
    held = post()
    a = assignment(held)
    b = assignment(held, key="A-2", subject="U-2", backup_of="A-1", primary=a)
    a.declare_absence(NOW + HOUR, NOW + 2 * HOUR, NOW)
    moments = [NOW, NOW + HOUR, NOW + 2 * HOUR]
    assert [b.gives_access(moment, a) for moment in moments] == [False, True, False]
    assert [a.gives_access(moment) for moment in moments] == [True, True, True]


@BACKUP
def test_b_does_not_act_for_an_a_who_has_left() -> None:
    held = post()
    a = assignment(held)
    b = assignment(held, key="A-2", subject="U-2", backup_of="A-1", primary=a)
    a.declare_absence(NOW, NOW + DAY, NOW)
    a.end(NOW + HOUR)
    assert not b.gives_access(NOW + 2 * HOUR, a)


@BACKUP
def test_a_backup_is_another_person_in_the_same_post_and_area() -> None:
    held = post("community_worker", COMMUNITY)
    a = assignment(held)
    with pytest.raises(NoBackup, match="same person"):
        assignment(held, key="A-2", backup_of="A-1", primary=a)
    with pytest.raises(NoBackup, match="another post or area"):
        assignment(post(), key="A-2", subject="U-2", backup_of="A-1", primary=a)


@BACKUP
def test_a_backup_has_no_backup() -> None:
    held = post()
    b = assignment(held, key="A-2", subject="U-2", backup_of="A-1", primary=assignment(held))
    with pytest.raises(NoBackup, match="itself a B post"):
        assignment(held, key="A-3", subject="U-3", backup_of="A-2", primary=b)


@BACKUP
def test_two_absences_do_not_overlap_and_one_withdrawn_makes_room() -> None:
    record = assignment(post())
    record.declare_absence(NOW, NOW + DAY, NOW)
    with pytest.raises(AbsenceClash):
        record.declare_absence(NOW + HOUR, NOW + 2 * DAY, NOW)
    record.withdraw_absence(NOW, NOW)
    record.declare_absence(NOW + HOUR, NOW + 2 * DAY, NOW)
    assert not record.absent(NOW)
    assert record.absent(NOW + HOUR)


def test_a_past_absence_or_an_unknown_one_is_refused() -> None:
    record = assignment(post())
    with pytest.raises(Invalid):
        record.declare_absence(NOW - DAY, NOW, NOW)
    with pytest.raises(Invalid):
        record.withdraw_absence(NOW, NOW)


def test_the_event_names_nobody_but_by_id() -> None:
    event = assignment(post()).state_event()
    assert not hasattr(event, "duty")
    assert event.subject == "U-1"


def test_an_assignment_starts_no_more_than_a_day_ago() -> None:
    assert assignment(post(), valid_from=NOW - DAY).in_force(NOW)
    with pytest.raises(Invalid):
        assignment(post(), valid_from=NOW - DAY - timedelta(milliseconds=1))


def test_a_person_holds_a_bounded_number_of_assignments() -> None:
    held = post()
    for number, by in ((MOST_ASSIGNMENTS, pytest.raises(TooManyAssignments)), (MOST_ASSIGNMENTS - 1, nullcontext())):
        with by:
            Assignment.give("wuhai", "A-1", terms(held), held, by="admin", now=NOW, held=number)
