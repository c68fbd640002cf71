"""Who may act beside the steps of a case: each rule asks the permission of its own name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chassis.errors import Problem
from chassis.security.principal import Principal
from services.cases.api.hotline import CallOutcome
from services.cases.case.model.permissions import OwnWork
from services.cases.counter.model import Ticket
from services.cases.hotline.model.calls import Callback, CallRecord, Roster
from services.cases.hotline.model.knowledge_base import Article
from services.cases.mediation.model import Mediation
from tests.unit.cases import test_review
from vocabulary.access import WrongRole
from vocabulary.rights import HOLDERS
from vocabulary.roles import DUTIES, Permission

pytestmark = pytest.mark.domain("Roles")


def body(problem: Problem) -> Any:
    return json.loads(json.dumps(problem.data))


def named(role: str) -> Principal:
    return Principal(tenant="dalad", subject="u-1", roles=frozenset({role}), area="/1506/", unit="u")


STEPS: dict[str, Callable[[Principal], object]] = {
    "take_call": lambda by: CallRecord.take(
        "K1", by, caller="blind", outcome=CallOutcome.CALLBACK, now=test_review.NOW
    ),
    "promise_callback": lambda by: Callback.ask(by, "K1", phone="sealed", caller="blind", now=test_review.NOW),
    "plan_roster": lambda by: Roster.blank(by.tenant, "2026-11-16", test_review.NOW).plan(by, []),
    "edit_knowledge": lambda by: Article.draft("K1", by, "title", "answer", "", test_review.NOW),
    "open_ticket": lambda by: Ticket.open(
        "K1", by, area="/1506/", services=[("s", "u")], receipt="r", now=test_review.NOW
    ),
    "open_mediation": lambda by: Mediation.open(
        "K1", by, area="/1506/", category="dispute", topic="", participants=[], now=test_review.NOW
    ),
}


@pytest.mark.parametrize("role", DUTIES)
@pytest.mark.parametrize("act", STEPS)
def test_each_rule_asks_the_permission_of_its_own_name(act: str, role: str) -> None:
    refusal = None
    try:
        STEPS[act](named(role))
    except Problem as found:
        refusal = found
    assert isinstance(refusal, WrongRole) == (role not in HOLDERS[Permission(act)])
    if isinstance(refusal, WrongRole):
        assert body(refusal) == {"permission": act, "roles": sorted(HOLDERS[Permission(act)])}


def test_a_proceeding_about_the_centres_own_unit_is_refused_with_the_act() -> None:
    review = test_review.opened()
    own = Principal(tenant="dalad", subject="u-1", roles=frozenset({"centre"}), area="/1503/", unit=review.unit)
    with pytest.raises(OwnWork) as refused:
        review.conclude(own, True, "", test_review.NOW, test_review.LIMITS)
    assert body(refused.value) == {"act": "conclude", "reason": "it is about your unit"}
