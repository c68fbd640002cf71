"""What a party may do now: each step's own rule, asked without taking the step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from chassis.errors import Problem
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits


def possible_for_party(
    case: Case, by: Principal, limits: Limits, now: datetime, parent: Case | None
) -> dict[str, bool]:
    """`parent`: the case that this one was merged into."""
    state = State(parent.state) if parent else None
    rules: dict[str, Callable[[], object]] = {
        "rate": partial(case.require_may_rate, by, now),
        "urge": partial(case.require_may_urge, by, now, "", state),
        "object": partial(case.require_may_object, by, limits, now),
        "withdraw": partial(case.require_may_withdraw, by),
        "reopen": partial(case.require_may_reopen, by, limits, now),
    }
    return {step: _allows(rule) for step, rule in rules.items()}


def _allows(rule: Callable[[], object]) -> bool:
    try:
        rule()
    except Problem:
        return False
    return True
