"""What counts as unusual reading, and what an alert of it counts."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.residents.readings.model import (
    CONFIRMED,
    COUNTING,
    DISMISSED,
    EXPLAINED,
    OPEN,
    ReadingAlert,
    WrongAlertState,
)
from services.residents.readings.rules import Judge, Opening, Post
from tests.unit.residents import samples as s
from tests.unit.residents.alerts import raised_alert
from vocabulary.reading import MOST_RECORDS, ReadingRule, UnusualReading

pytestmark = pytest.mark.domain("Privacy: unusual reading")
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
LONG_AGO = s.NOW - 400 * DAY
MINE = Post(s.GRID, LONG_AGO, None)
SUPERVISOR = s.person("v-1", "supervisor", "/1503/150302/")


def found(rule: ReadingRule, *posts: Post, at: datetime = s.NOW, area: str = s.GRID, **limits: Any) -> bool:
    judge = Judge(UnusualReading(**limits), SHANGHAI, posts)
    return bool(judge.unusual(rule, Opening(1, at, {"R1": area})))


@pytest.mark.parametrize(
    ("local", "unusual"),
    [("06:59", True), ("07:00", False), ("20:59", False), ("21:00", True), ("00:00", True)],
)
def test_it_is_night_by_the_clock_of_the_city(local: str, unusual: bool) -> None:
    at = datetime.combine(s.NOW.date(), time.fromisoformat(local), SHANGHAI)
    assert found(ReadingRule.AT_NIGHT, MINE, at=at.astimezone(UTC)) == unusual


def test_the_hour_that_comes_twice_is_the_same_hour_both_times() -> None:
    judge = Judge(UnusualReading(day_from=time(1, 30)), ZoneInfo("Europe/Berlin"), [MINE])
    for hour in (0, 1):
        before, after = (datetime(2026, 10, 25, hour, minute, tzinfo=UTC) for minute in (15, 45))
        assert judge.unusual(ReadingRule.AT_NIGHT, Opening(1, before, {"R1": s.GRID})) == {}
        assert judge.unusual(ReadingRule.AT_NIGHT, Opening(1, after, {"R1": s.GRID})) == {}


def test_outside_is_what_none_of_the_own_posts_covers() -> None:
    assert not found(ReadingRule.OUTSIDE, MINE)
    assert found(ReadingRule.OUTSIDE, MINE, area=s.OTHER_GRID)
    assert not found(ReadingRule.OUTSIDE, MINE, Post(s.COMMUNITY, LONG_AGO, None), area=s.OTHER_GRID)


def test_standing_in_for_a_colleague_is_outside_the_own_post() -> None:
    assert found(ReadingRule.OUTSIDE, MINE, Post(s.OTHER_GRID, LONG_AGO, None, stands_in=True), area=s.OTHER_GRID)


def test_whose_posts_have_ended_reads_outside_all_of_them() -> None:
    ended = Post(s.GRID, LONG_AGO, s.NOW)
    assert found(ReadingRule.OUTSIDE, ended)
    assert not found(ReadingRule.OUTSIDE, ended, at=s.NOW - DAY)


def test_of_whom_org_has_told_nothing_nobody_knows_what_is_outside_or_when_they_leave() -> None:
    assert not found(ReadingRule.OUTSIDE)
    assert not found(ReadingRule.LEAVING)


def test_a_record_that_is_gone_is_outside_nothing() -> None:
    assert not found(ReadingRule.OUTSIDE, MINE, area="")


@pytest.mark.parametrize(("days", "leaving"), [(14, True), (15, False), (0, False)])
def test_leaving_is_the_last_days_of_a_post(days: int, leaving: bool) -> None:
    assert found(ReadingRule.LEAVING, Post(s.GRID, LONG_AGO, s.NOW + days * DAY)) == leaving


def test_whoever_has_a_post_that_goes_on_or_follows_is_not_leaving() -> None:
    ends = Post(s.GRID, LONG_AGO, s.NOW + DAY)
    assert not found(ReadingRule.LEAVING, ends, Post(s.COMMUNITY, LONG_AGO, None))
    assert not found(ReadingRule.LEAVING, ends, Post(s.GRID, s.NOW + DAY, s.NOW + 300 * DAY))
    assert found(ReadingRule.LEAVING, ends, Post(s.OTHER_GRID, LONG_AGO, None, stands_in=True))


@pytest.mark.parametrize(
    "wrong",
    [{"many": -1}, {"many": MOST_RECORDS + 1}, {"leaving_days": 0}, {"keep_months": 0}, {"day_from": "25:00"}],
)
def test_limits_have_bounds(wrong: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, UnusualReading)


def test_the_hours_of_a_day_do_not_contradict_each_other() -> None:
    assert [fault[0] for fault in UnusualReading(day_from=time(21), day_until=time(7)).faults()] == [
        "unusual_reading.day_until"
    ]
    assert not [*UnusualReading().faults()]


def counting(*batches: tuple[str, dict[int, list[str]]], threshold: int = 3) -> ReadingAlert:
    alert = ReadingAlert.of(s.TENANT, "g-1", ReadingRule.MANY, "2026-03-02")
    for writer, opened in batches:
        count(alert, writer, opened, threshold)
    return alert


def count(alert: ReadingAlert, writer: str, opened: dict[int, list[str]], threshold: int = 3) -> None:
    alert.count(writer, {n: dict.fromkeys(keys, s.GRID) for n, keys in opened.items()}, [s.GRID], threshold, s.NOW)


def test_it_is_raised_once_by_as_many_different_records_and_then_counts_on() -> None:
    alert = counting(("w", {1: ["R1"], 2: ["R1", "R2"]}))
    assert (alert.state, alert.listed, alert.pending) == (COUNTING, [], [])
    count(alert, "w", {3: ["R3"]})
    count(alert, "w", {4: ["R4"]})
    assert (alert.state, alert.different, alert.readings, len(alert.pending)) == (OPEN, 4, 4, 1)
    assert alert.listed[0] == "/1503/"
    assert s.GRID in alert.listed


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 4)), max_size=8))
def test_an_entry_that_comes_again_counts_once(order: list[tuple[str, int]]) -> None:
    """Each batch is the rest of a chain up to some entry, as after a kill at any moment."""
    alert = counting(threshold=MOST_RECORDS)
    reached = {"a": 0, "b": 0}
    for writer, until in order:
        count(alert, writer, {n: [f"{writer}{n}"] for n in range(1, until + 1)}, MOST_RECORDS)
        reached[writer] = max(reached[writer], until)
    assert alert.readings == alert.different == sum(reached.values())


def test_of_more_records_than_are_kept_all_are_counted() -> None:
    alert = counting(*(("w", {n: [f"R{n}"]}) for n in range(1, MOST_RECORDS + 3)))
    assert (len(alert.records), alert.different) == (MOST_RECORDS, MOST_RECORDS + 2)


def test_what_was_decided_is_raised_again_by_as_many_more() -> None:
    alert = counting(("w", {1: ["R1", "R2", "R3"]}))
    alert.dismiss(SUPERVISOR, "sealed", s.NOW)
    count(alert, "w", {2: ["R4", "R5"]})
    assert alert.state == DISMISSED
    count(alert, "w", {3: ["R6"]})
    assert (alert.state, [each.state for each in alert.steps]) == (OPEN, [DISMISSED])


def test_it_is_explained_and_then_decided() -> None:
    alert = raised_alert()
    alert.explain(SUPERVISOR, "sealed", s.NOW)
    with pytest.raises(WrongAlertState):
        alert.explain(SUPERVISOR, "sealed", s.NOW)
    alert.confirm(SUPERVISOR, "sealed", s.NOW)
    for step in (ReadingAlert.explain, ReadingAlert.confirm, ReadingAlert.dismiss):
        with pytest.raises(WrongAlertState):
            step(alert, SUPERVISOR, "sealed", s.NOW)
    assert [(each.state, each.by) for each in alert.steps] == [(EXPLAINED, "v-1"), (CONFIRMED, "v-1")]


def test_its_events_hold_ids_and_the_rule_alone() -> None:
    alert = raised_alert()
    alert.dismiss(SUPERVISOR, "sealed note", s.NOW)
    told = [msgspec.to_builtins(msgspec.structs.asdict(event)) for event in alert.pending]
    assert told == [{"id": "A1", "reader": "g-9", "rule": "at_night", "state": state} for state in (OPEN, DISMISSED)]


def test_nobody_sees_an_alert_about_themselves_nor_one_that_is_not_raised() -> None:
    alert = raised_alert(reader="v-1")
    assert not alert.seen_by(SUPERVISOR)
    assert alert.seen_by(s.person("v-2", "supervisor", "/1503/150302/"))
    assert not alert.seen_by(s.person("v-3", "supervisor", "/1503/150303/"))
    assert not counting().seen_by(s.person("v-2", "supervisor", "/1503/150302/"))
