"""The concerns of a case are sibling mixins: none is a subclass of another, and their order is irrelevant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from types import FunctionType

import pytest

from services.cases.case.events import CaseState
from services.cases.case.model import base, embedded
from services.cases.case.model.case import Case
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.timer import Timer
from tests.unit.cases import people as p
from tests.unit.cases.people import LIMITS, Story


def test_every_concern_is_a_direct_subclass_of_the_one_base() -> None:
    assert {concern.__bases__ for concern in Case.__bases__} == {(LedCase,)}


def test_no_two_concerns_define_the_same_method() -> None:
    """Otherwise the order of the bases would matter; only `timers` is cooperative."""
    kinds = (FunctionType, classmethod, property)
    own = [{name for name, member in vars(concern).items() if isinstance(member, kinds)} for concern in Case.__bases__]
    assert {name for one, other in combinations(own, 2) for name in one & other} == {"timers"}


@pytest.mark.parametrize("reorder", [list, lambda timers: reversed(list(timers))], ids=["forwards", "backwards"])
def test_timers_of_one_moment_fire_in_the_order_of_their_kinds(
    monkeypatch: pytest.MonkeyPatch, reorder: Callable[[Iterable[Timer]], Iterable[Timer]]
) -> None:
    original = Case.timers

    def timers(case: Case) -> Iterator[Timer]:
        yield from reorder(original(case))

    monkeypatch.setattr(Case, "timers", timers)
    case = Story().whistled().case
    at = case.step_due
    case.due, case.clock.fired, case.calls = at, ["reminder"], case.calls[:1]
    case.urges = [embedded.Urge(number=1, person="r-1", at=p.START, due=at)]
    before = len(case.history)

    case.tick(at, LIMITS)

    fired = [(step["act"], step["reason"]) for step in case.history[before:] if step["act"] != "supervise"]
    assert fired == [("overdue", "accept"), ("no_show", case.calls[0].unit), ("overdue", "urge")]
    assert [supervision.reasons for supervision in case.supervisions] == [["overdue", "no_show"]]


def test_the_public_state_of_a_case_fills_each_of_its_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those with a default, which mypy does not miss."""
    monkeypatch.setattr(base, "CaseState", lambda **facts: facts)
    assert set(Story().case.public_state()) == set(CaseState.__struct_fields__)
