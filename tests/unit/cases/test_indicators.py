from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases.analytics.model.facts import Bucket, CaseFacts, Rollup
from services.cases.analytics.model.indicators import DEFINITIONS, indicators, total
from services.cases.case.events import (
    CaseEvent,
    CaseState,
    ChildReleased,
    Closed,
    Dispatched,
    Inspected,
    Merged,
    Rated,
    RatingAsked,
    Registered,
    Reopened,
    Reported,
    Resolved,
    Resumed,
    Returned,
    SelfResolved,
    TakenOn,
    Whistled,
    Withdrawn,
)

pytestmark = pytest.mark.domain("The case: Indicators")

ZONE = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 2, 4, tzinfo=UTC)
DAY = timedelta(days=1)
AREA = "/1503/150302/150302011/150302011001/"
GRID = AREA + "150302011001001/"
DUE, CLOSING_DUE = NOON + 7 * DAY, NOON + 8 * DAY
Delivery = tuple[int, datetime, CaseEvent]


def state(name: str, **given: Any) -> CaseState:
    facts: dict[str, Any] = {
        "id": "C1", "state": name, "kind": "resident", "category": "component.utility.street-lamp", "priority": "P3",
        "area": GRID, "tier": "street", "reported_at": NOON,
    }  # fmt: skip
    return CaseState(**{**facts, **given})


WORK: dict[str, Any] = {"registered_at": NOON, "due": DUE, "closing_due": CLOSING_DUE}
LED = {**WORK, "lead": "water"}


def life(resolved: int = 3, on_time: bool = True, closed: int = 5) -> list[Delivery]:
    """The events of a case closed with two parties' answers, reopened, and handled badly in the second round."""
    second = {**LED, "lead": "roads", "round": 2, "due": NOON + 30 * DAY, "closing_due": NOON + 31 * DAY}
    events: list[tuple[int, CaseEvent]] = [
        (0, Reported(case=state("REPORTED"))),
        (0, Registered(case=state("REGISTERED", **WORK))),
        (1, Dispatched(case=state("DISPATCHED", **LED), how="dispatch")),
        (resolved, Resolved(case=state("INSPECTING", **LED), on_time=on_time, first=True)),
        (resolved, RatingAsked(case=state("AWAITING_RATING", **LED), until=NOON + 10 * DAY)),
        (4, Rated(case=state("AWAITING_RATING", **LED), unit="water", contacted=True, satisfied=4)),
        (4, Rated(case=state("AWAITING_RATING", **LED), unit="water", contacted=True, satisfied=2)),
        (closed, Closed(case=state("CLOSED", **LED), rated=True, on_time=True)),
        (20, Reopened(case=state("REOPENED", **second), why="party")),
        (21, Dispatched(case=state("DISPATCHED", **second), how="reopening")),
        (60, Resolved(case=state("INSPECTING", **second), on_time=False, first=False)),
        (
            61,
            Rated(
                case=state("AWAITING_RATING", **second),
                unit="roads",
                contacted=False,
                solved=False,
                satisfied=1,
                round=2,
            ),
        ),
        (62, Closed(case=state("CLOSED", **second), rated=True, on_time=False)),
    ]
    return [(number, NOON + day * DAY, event) for number, (day, event) in enumerate(events, 1)]


def facts_from(deliveries: list[Delivery]) -> CaseFacts:
    facts = CaseFacts.about("wuhai", "C1")
    for sequence, at, event in deliveries:
        facts.learn(event, sequence, at, ZONE)
    return facts


def day(number: int) -> str:
    return (NOON + number * DAY).astimezone(ZONE).date().isoformat()


def counted(facts: CaseFacts, on: int, unit: str) -> dict[str, int]:
    return dict(facts.counts(ZONE).get(Bucket(day(on), AREA, unit), {}))


def facts_after(*events: CaseEvent) -> CaseFacts:
    return facts_from([(number, NOON, event) for number, event in enumerate(events, 1)])


def test_each_denominator_has_its_own_day() -> None:
    facts = facts_from(life())
    assert counted(facts, 0, "") == {"reported": 1, "registered": 1}
    assert counted(facts, 1, "water") == {"dispatched": 1, "dispatched_right": 1}
    assert counted(facts, 7, "water") == {"due": 1, "handled": 1, "handled_on_time": 1}
    assert counted(facts, 8, "water") == {"closing_due": 1, "closed": 1, "closed_on_time": 1}


def test_the_first_result_stays_counted_after_reopening() -> None:
    facts = facts_from(life())
    assert "roads" not in {bucket.unit for bucket in facts.counts(ZONE)}
    assert counted(facts, 3, "water") == {
        "finished": 1, "asked": 1, "contact_answered": 1, "contacted": 1, "satisfied_answered": 1,
    }  # fmt: skip


def test_a_question_without_an_answer_counts_neither_way() -> None:
    answers = counted(facts_from(life()), 3, "water")
    assert "solved_answered" not in answers
    assert "solved" not in answers


def test_of_several_parties_the_worst_answer_counts() -> None:
    facts = facts_from(life())
    assert (facts.satisfied, facts.contacted) == (2, True)


def test_late_work_is_handled_but_not_on_time() -> None:
    facts = facts_from(life(resolved=9, on_time=False, closed=10))
    assert counted(facts, 7, "water") == {"due": 1, "handled": 1}
    assert counted(facts, 8, "water") == {"closing_due": 1, "closed": 1}


def test_what_is_due_and_not_handled_is_in_the_denominator_alone() -> None:
    facts = facts_after(Registered(case=state("REGISTERED", **LED)))
    assert counted(facts, 7, "water") == {"due": 1}


def test_a_withdrawn_case_is_not_due() -> None:
    facts = facts_after(Withdrawn(case=state("WITHDRAWN", **LED), reason="x"))
    assert {name for counts in facts.counts(ZONE).values() for name in counts} == {"reported", "registered"}


def test_a_case_solved_on_the_spot_is_counted_separately() -> None:
    facts = facts_after(SelfResolved(case=state("SELF_RESOLVED")))
    assert facts.counts(ZONE) == {Bucket(day(0), AREA, ""): {"on_the_spot": 1}}


def test_a_merged_case_counts_with_the_one_it_merged_into() -> None:
    assert facts_after(Merged(case=state("MERGED", **LED), into="C2", parties=1)).counts(ZONE) == {}


def test_a_merged_cases_answer_counts_for_the_case_it_merged_into() -> None:
    child = state("MERGED", id="C9", merged_into="C1")
    facts = facts_from([*life(), (3, NOON, Rated(case=child, unit="water", satisfied=1, solved=True, of="C1"))])
    assert (facts.satisfied, facts.solved, facts.state) == (1, True, "CLOSED")


def test_a_merged_cases_answer_counts_for_the_round_of_the_case_it_merged_into() -> None:
    child, again = state("MERGED", id="C9", merged_into="C1"), state("MERGED", id="C9", merged_into="C1", round=2)
    second = Rated(case=child, unit="water", satisfied=1, of="C1", round=2)
    first = Rated(case=again, unit="water", satisfied=1, of="C1", round=1)
    assert [facts_from([*life(), (3, NOON, answer)]).satisfied for answer in (second, first)] == [2, 1]


@pytest.mark.parametrize(
    "correction",
    [
        Returned(case=state("RETURNED", **LED), unit="water", reason="x", proposed="roads"),
        Dispatched(case=state("DISPATCHED", **{**LED, "lead": "roads"}), how="transfer"),
        Dispatched(case=state("DISPATCHED", **{**LED, "lead": "roads"}), how="ruling"),
    ],
)
def test_a_first_dispatch_that_was_returned_transferred_or_ruled_on_was_not_right(correction: CaseEvent) -> None:
    facts = facts_from([*life()[:3], (4, NOON + 2 * DAY, correction)])
    assert counted(facts, 1, "water") == {"dispatched": 1}


RETURNED = Returned(case=state("RETURNED", **LED), unit="water", reason="x", proposed="roads")
ROADS: dict[str, Any] = {**LED, "lead": "roads"}


@pytest.mark.parametrize(
    ("later", "right"),
    [
        ([RETURNED, Dispatched(case=state("DISPATCHED", **LED), how="ruling", from_unit="roads")], True),
        ([RETURNED, Dispatched(case=state("DISPATCHED", **ROADS), how="ruling", from_unit="water")], False),
        ([Dispatched(case=state("DISPATCHED", **ROADS), how="redirect", from_unit="water")], False),
        ([Dispatched(case=state("WHISTLED", **LED), how="redirect", from_unit="water")], True),
        ([Whistled(case=state("IN_PROGRESS", **LED), called=["roads"])], True),
        ([Dispatched(case=state("DISPATCHED", **{**ROADS, "round": 2}), how="transfer", from_unit="water")], True),
    ],
    ids=["ruled for the first", "ruled for another", "redirected", "called again", "called more", "next round"],
)
def test_the_first_dispatch_is_right_unless_another_unit_got_the_case_and_no_ruling_gave_it_back(
    later: list[CaseEvent], right: bool
) -> None:
    deliveries = [*life()[:3], *((4 + number, NOON + 2 * DAY, event) for number, event in enumerate(later))]
    for order in (deliveries, deliveries[::-1]):
        expected = {"dispatched": 1, "dispatched_right": 1} if right else {"dispatched": 1}
        assert counted(facts_from(order), 1, "water") == expected


def test_what_a_street_takes_on_itself_lies_outside_the_first_dispatch() -> None:
    taken = [TakenOn(case=state("IN_PROGRESS", **LED)), Whistled(case=state("IN_PROGRESS", **LED), called=["roads"])]
    transferred = Dispatched(case=state("DISPATCHED", **ROADS), how="transfer", from_unit="water")
    counts = facts_after(*taken, transferred).counts(ZONE).values()
    assert not any("dispatched" in names for names in counts)


def failing(*, redone: int | None) -> CaseFacts:
    """The first result, on day 3, failed inspection; the rework is ready on day `redone`."""
    later: list[Delivery] = [(5, NOON + 4 * DAY, Inspected(case=state("REWORK", **LED), passed=False, how="visit"))]
    if redone:
        again = state("INSPECTING", **{**LED, "due": DUE + 2 * DAY, "counted_due": DUE})
        later.append((6, NOON + redone * DAY, Resolved(case=again, on_time=True, first=False)))
    return facts_from([*life()[:4], *later])


@pytest.mark.parametrize(("redone", "on_time"), [(None, False), (6, True), (8, False)])
def test_a_result_that_fails_inspection_is_not_on_time_and_its_rework_is_by_the_first_due_moment(
    redone: int | None, on_time: bool
) -> None:
    expected = {"due": 1, "handled": 1} | ({"handled_on_time": 1} if on_time else {})
    assert counted(failing(redone=redone), 7, "water") == expected


def test_a_case_counts_on_the_day_of_its_breach_whatever_was_granted_later() -> None:
    granted = {**LED, "due": NOON + 30 * DAY, "counted_due": DUE}
    facts = facts_from([(1, NOON, Resumed(case=state("IN_PROGRESS", **granted)))])
    assert counted(facts, 7, "water") == {"due": 1}
    facts.learn(Resolved(case=state("INSPECTING", **granted), on_time=False, first=True), 2, NOON + 20 * DAY, ZONE)
    assert counted(facts, 7, "water") == {"due": 1, "handled": 1}


def test_a_case_that_closed_by_itself_counts_when_its_time_ended_not_when_a_process_wrote_it() -> None:
    closed = Closed(case=state("CLOSED", **LED, closed_at=CLOSING_DUE), rated=False, on_time=True)
    facts = facts_from([*life()[:4], (5, CLOSING_DUE + 2 * DAY, closed)])
    assert counted(facts, 8, "water") == {"closing_due": 1, "closed": 1, "closed_on_time": 1}


def test_a_reworked_case_counts_as_one_however_often() -> None:
    failed = Inspected(case=state("REWORK", **LED, reworks=2), passed=False, how="visit")
    facts = facts_from([*life()[:4], (5, NOON, failed)])
    assert counted(facts, 3, "water") == {"finished": 1, "reworked": 1}


HURRIED = {**LED, "due": NOON + DAY, "counted_due": NOON + DAY, "closing_due": NOON + 2 * DAY}
RELEASED: list[Delivery] = [
    *life()[:3],
    (4, NOON + 3 * DAY, Resolved(case=state("INSPECTING", **HURRIED), on_time=False, first=True)),
    (5, NOON + 4 * DAY, ChildReleased(case=state("INSPECTING", **LED), child="C2", on_time=True)),
]


@given(st.permutations(RELEASED))
def test_a_result_is_measured_by_the_cases_own_limit_once_a_merged_case_has_left(order: list[Delivery]) -> None:
    facts = facts_from(order)
    assert "due" not in counted(facts, 1, "water")
    assert counted(facts, 7, "water") == {"due": 1, "handled": 1, "handled_on_time": 1}


def test_days_are_the_tenants_own() -> None:
    late = datetime(2026, 11, 2, 17, tzinfo=UTC)  # already the 3rd in Beijing
    facts = facts_after(Reported(case=state("REPORTED", reported_at=late)))
    assert [bucket.day for bucket in facts.counts(ZONE)] == ["2026-11-03"]


@given(st.permutations(life()), st.lists(st.sampled_from(life()), max_size=6))
@settings(max_examples=60)
def test_events_in_any_order_give_the_same_facts(order: list[Delivery], again: list[Delivery]) -> None:
    # The chassis deduplicates events, so a repetition that still reaches `learn` must change nothing.
    expected, facts = facts_from(life()), facts_from(order)
    for sequence, at, event in again:
        facts.learn(event, sequence, at, ZONE)
    assert facts.counts(ZONE) == expected.counts(ZONE)
    assert (facts.state, facts.open, facts.category) == (expected.state, expected.open, expected.category)


def rollups(facts: list[CaseFacts]) -> dict[str, Rollup]:
    keys = {bucket for fact in facts for bucket in fact.buckets}
    made = {key: Rollup.empty("wuhai", Bucket.of(key)) for key in keys}
    for key, rollup in made.items():
        rollup.recompute(alike(facts, key))
    return made


def alike(facts: list[CaseFacts], bucket: str) -> list[dict[str, Any]]:
    """Groups the facts as the database does."""
    facts_of = [{"entries": fact.entries, "struck": fact.struck} for fact in facts if bucket in fact.buckets]
    different = [same for at, same in enumerate(facts_of) if same not in facts_of[:at]]
    return [{"_id": same, "cases": facts_of.count(same)} for same in different]


def test_rollups_sum_the_cases_and_recomputing_is_idempotent() -> None:
    facts = [
        facts_from(life()),
        facts_from(life(resolved=9, on_time=False)),
        facts_from(life()[:3]),
        facts_from(life()[:3]),
    ]
    made = rollups(facts)
    whole = total(rollup.counts for rollup in made.values())
    assert (whole["reported"], whole["due"], whole["handled"], whole["handled_on_time"]) == (4, 4, 2, 1)
    for key, rollup in made.items():
        before = dict(rollup.counts)
        rollup.recompute(alike(facts, key))
        assert dict(rollup.counts) == before


def test_a_bucket_that_a_case_has_left_is_recomputed() -> None:
    facts = facts_from(life()[:3])
    facts.stale = False
    earlier = Bucket(day(7), AREA, "water").key
    extended = {**LED, "due": NOON + 9 * DAY}
    facts.learn(Registered(case=state("DISPATCHED", **extended)), 9, NOON, ZONE)
    assert facts.stale
    assert rollups([facts])[earlier].counts == {}


@pytest.mark.domain("满意度评价→考核→问责")
def test_indicators_give_figures_with_and_without_struck_cases() -> None:
    struck = facts_from(life(resolved=9, on_time=False))
    struck.strike("roads")
    assert not struck.struck, "an appeal of another unit strikes nothing"
    struck.strike("water")
    made = rollups([facts_from(life()), struck])
    shown = indicators(total(r.counts for r in made.values()), total(r.struck for r in made.values()))
    assert (shown["handling_on_time"].full.share, shown["handling_on_time"].adjusted.share) == (0.5, 1.0)
    assert (shown["satisfaction"].full.of, shown["satisfaction"].adjusted.of) == (2, 1)


COUNTS = {
    "reported": 100, "registered": 80, "due": 60, "handled": 48, "handled_on_time": 30, "closing_due": 50,
    "closed": 25, "closed_on_time": 20, "finished": 40, "reworked": 10, "dispatched": 80, "dispatched_right": 60,
    "asked": 40, "contact_answered": 30, "contacted": 15, "solved_answered": 20, "solved": 10,
    "satisfied_answered": 20, "satisfied": 10,
}  # fmt: skip


def test_every_indicator_has_its_own_fixed_denominator() -> None:
    shares = {name: indicator.full.share for name, indicator in indicators(COUNTS, {}).items()}
    assert shares == {
        "registration": 0.8, "handling": 0.8, "handling_on_time": 0.5, "closing": 0.5, "closing_on_time": 0.4,
        "rework": 0.25, "first_dispatch": 0.75, "response": 0.5, "resolution": 0.5, "satisfaction": 0.5,
    }  # fmt: skip


def test_response_resolution_and_satisfaction_come_with_the_unanswered_share() -> None:
    shown = indicators(COUNTS, {})
    assert [shown[name].full.unanswered for name in ("response", "resolution", "satisfaction")] == [0.25, 0.5, 0.5]
    assert all(shown[name].full.unanswered is None for name in list(DEFINITIONS)[:7])


def test_without_a_denominator_there_is_no_share() -> None:
    assert indicators({}, {})["satisfaction"].full.share is None


@pytest.mark.parametrize(
    ("changed", "name"),
    [({"satisfied": 9}, "satisfaction"), ({"satisfied": 11}, "satisfaction"), ({"asked": 29}, "satisfaction")],
)
def test_figures_that_leave_the_tenant_suppress_counts_and_remainders_under_ten(
    changed: dict[str, int], name: str
) -> None:
    assert not indicators(COUNTS, {}, leaving=True)[name].full.suppressed
    hidden = indicators({**COUNTS, **changed}, {}, leaving=True)[name].full
    assert hidden.suppressed
    assert (hidden.counted, hidden.of, hidden.share, hidden.unanswered) == (None, None, None, None)
    assert not indicators({**COUNTS, **changed}, {})[name].full.suppressed


def test_figures_that_leave_the_tenant_do_not_reveal_few_struck_cases() -> None:
    shown = indicators(COUNTS, {"due": 3, "handled": 3}, leaving=True)["handling"]
    assert shown.adjusted.suppressed
    assert not shown.full.suppressed


def test_no_count_is_about_a_person() -> None:
    fields = set(itertools.chain(CaseFacts._fields, Rollup._fields))
    assert not fields & {"persons", "handler", "parties", "first_person", "person"}
