from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.security.principal import Principal
from services.cases.api.hotline import CallOutcome
from services.cases.hotline import events
from services.cases.hotline.model.calls import (
    BETWEEN_ATTEMPTS,
    Callback,
    CallbackEnded,
    CallRecord,
    Roster,
    Shift,
)
from services.cases.hotline.model.knowledge_base import Article, ArticleClosed, best, tokens
from vocabulary.access import WrongRole
from vocabulary.roles import Role

pytestmark = pytest.mark.domain("96118 热线")

NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
MONDAY = datetime(2026, 11, 15, 16, tzinfo=UTC)  # midnight in Beijing
HOUR = timedelta(hours=1)
AGENT = Principal(
    tenant="dalad", subject="agent-1", roles=frozenset({"hotline"}), area="/1506/", unit="hotline", post="seat-1"
)
RESIDENT = Principal(tenant="dalad", subject="r1", roles=frozenset({"resident"}))


def call(outcome: CallOutcome, by: Principal = AGENT, caller: str = "blind", **given: str) -> CallRecord:
    return CallRecord.take("K1", by, caller=caller, outcome=outcome, now=NOW, **given)


def test_a_call_is_answered_at_once_or_becomes_a_case_or_is_called_back() -> None:
    assert call(CallOutcome.ANSWERED, article="A1").pending == [events.CallTaken(outcome="answered", article="A1")]
    assert call(CallOutcome.CASE, case="C1").case == "C1"
    assert call(CallOutcome.CALLBACK).outcome == "callback"


@pytest.mark.parametrize(
    ("outcome", "caller"), [(CallOutcome.ANSWERED, "blind"), (CallOutcome.CASE, "blind"), (CallOutcome.CALLBACK, "")]
)
def test_a_call_needs_the_facts_of_its_outcome(outcome: CallOutcome, caller: str) -> None:
    with pytest.raises(Invalid):
        call(outcome, caller=caller)


def test_only_the_hotline_takes_calls() -> None:
    with pytest.raises(WrongRole):
        call(CallOutcome.ANSWERED, by=RESIDENT, article="A1")


def callback() -> Callback:
    return Callback.ask(AGENT, "B1", phone="sealed", caller="blind", now=NOW, case="C1")


def test_a_callback_is_promised_within_a_day_for_a_number() -> None:
    assert callback().due == NOW + timedelta(days=1)
    with pytest.raises(Invalid):
        Callback.ask(AGENT, "B1", phone="", caller="", now=NOW)
    with pytest.raises(WrongRole):
        Callback.ask(RESIDENT, "B1", phone="sealed", caller="blind", now=NOW)


def test_a_callback_ends_after_three_attempts_hours_apart_as_not_reached() -> None:
    waiting = callback()
    waiting.attempt(AGENT, False, "", NOW)
    assert (waiting.open, waiting.due) == (True, NOW + BETWEEN_ATTEMPTS)
    waiting.attempt(AGENT, False, "", NOW)
    waiting.attempt(AGENT, False, "", NOW)
    assert waiting.pending[-1] == events.CallbackEnded(case="C1", reached=False)
    with pytest.raises(CallbackEnded):
        waiting.attempt(AGENT, True, "", NOW)


def test_a_callback_ends_when_the_caller_is_reached() -> None:
    waiting = callback()
    waiting.attempt(AGENT, True, "sealed", NOW)
    assert (waiting.open, waiting.reached) == (False, True)
    with pytest.raises(WrongRole):
        callback().attempt(RESIDENT, True, "", NOW)


def shift(start: float, end: float, person: str = "agent-1") -> Shift:
    return Shift(starts=MONDAY + start * HOUR, ends=MONDAY + end * HOUR, person=person)


def roster(*shifts: Shift) -> Roster:
    planned = Roster.blank(AGENT.tenant, "2026-11-16", MONDAY)
    planned.plan(AGENT, list(shifts))
    return planned


def test_the_roster_says_who_is_on_duty_at_night() -> None:
    week = roster(shift(0, 8, "night"), shift(8, 20, "day"), shift(20, 32, "late"), shift(19, 21, "second"))
    for hour in (3, 7):
        assert [one.person for one in week.on_duty(MONDAY + hour * HOUR)] == ["night"]
    assert [one.person for one in week.on_duty(MONDAY + 8 * HOUR)] == ["day"]
    assert {one.person for one in week.on_duty(MONDAY + 20.5 * HOUR)} == {"late", "second"}


def test_those_who_read_the_roster_see_it() -> None:
    seers = {role for role in Role if roster().seen_by(msgspec.structs.replace(AGENT, roles=frozenset({role})))}
    assert seers == {Role.HOTLINE, Role.CENTRE, Role.SUPERVISOR}


def test_a_hotline_is_staffed_day_and_night_so_the_roster_shows_its_gaps() -> None:
    week = roster(shift(0, 8), shift(10, 20), shift(12, 14, "second"), shift(20, 160))
    assert week.gaps() == [(MONDAY + 8 * HOUR, MONDAY + 10 * HOUR), (MONDAY + 160 * HOUR, MONDAY + 168 * HOUR)]
    assert week.pending == [events.RosterChanged(week="2026-11-16", gaps=600)]
    assert roster(shift(0, 168)).gaps() == []


@pytest.mark.parametrize("shifts", [[(5, 5)], [(5, 4)], [(-1, 4)], [(160, 169)], [(0, 8), (7, 9)]])
def test_an_invalid_roster_is_refused(shifts: list[tuple[int, int]]) -> None:
    with pytest.raises(Invalid):
        roster(*(shift(start, end) for start, end in shifts))


@given(st.lists(st.tuples(st.integers(0, 167), st.integers(1, 24)), max_size=12))
def test_every_hour_has_somebody_on_duty_or_lies_in_a_gap(drawn: list[tuple[int, int]]) -> None:
    shifts = [shift(start, min(start + hours, 168), f"p{at}") for at, (start, hours) in enumerate(drawn)]
    week = roster(*shifts)
    for hour in range(168):
        moment = MONDAY + (hour + 0.5) * HOUR
        in_gap = any(start <= moment < end for start, end in week.gaps())
        assert bool(week.on_duty(moment)) != in_gap


def published(title: str, answer: str) -> Article:
    article = Article.draft("A1", AGENT, title, answer, "service.policy.question", NOW)
    article.publish(AGENT)
    return article


def test_tokens_are_words_and_pairs_of_characters() -> None:
    assert tokens("路灯不亮") == ["路灯", "灯不", "不亮"]
    assert tokens("办 ID card,id") == ["办", "id", "card"]


def test_an_article_is_found_by_the_callers_words() -> None:
    lamp = published("路灯不亮怎么办", "拨打市政维修电话,两小时内到场。")
    card = published("老年证如何办理", "带身份证到社区窗口。路灯旁即是。")
    rows = [
        {"key": key, "title": article.title, "tokens": article.tokens} for key, article in [("L", lamp), ("C", card)]
    ]
    assert [row["key"] for row in best(rows, "门口路灯坏了不亮")] == ["L", "C"]
    assert [row["key"] for row in best(rows, "办理老年证")] == ["C"]
    assert best(rows, "zebra") == []


def test_editing_a_published_article_publishes_a_new_edition() -> None:
    article = published("路灯", "一")
    article.edit(AGENT, "路灯", "二二", "", NOW)
    assert (article.edition, article.state, "二二" in article.tokens) == (2, "PUBLISHED", True)


def test_a_retired_article_cannot_be_edited_nor_residents_edit_any() -> None:
    article = published("路灯", "一")
    with pytest.raises(WrongRole):
        article.edit(RESIDENT, "", "", "", NOW)
    article.retire(AGENT)
    with pytest.raises(ArticleClosed):
        article.publish(AGENT)
