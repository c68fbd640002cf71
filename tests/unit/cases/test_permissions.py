"""Who may act beside the steps of a case: the pairs of act and roles that the rules named before the table did."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chassis.errors import Problem
from chassis.security.principal import Principal
from services.cases.api.hotline import CallOutcome
from services.cases.case.model.permissions import OwnWork, WrongRole, require_permission
from services.cases.case.texts_zh import ACTS
from services.cases.counter.model import Ticket
from services.cases.hotline.model.calls import Callback, CallRecord, Roster
from services.cases.hotline.model.knowledge_base import Article
from services.cases.mediation.model import Mediation
from tests.unit.cases import test_review
from vocabulary.roles import DUTIES, HOLDERS, Permission, Role

pytestmark = pytest.mark.domain("Roles")

DIVISIONS = ["centre", "community", "street"]
#: Generated from the calls of the rules: the permissions that each asks now, the act it named and the roles it named.
ASKED: list[tuple[tuple[Permission, ...], str, list[str]]] = [
    ((Permission.READ_INDICATORS,), "read_indicators", [*DIVISIONS, "department", "grid_leader", "supervisor"]),
    ((Permission.READ_DAILY_REPORT,), "read_daily_report", [*DIVISIONS, "supervisor"]),
    ((Permission.SUGGEST_DUPLICATES,), "suggest_duplicates",
     [*DIVISIONS, "counter", "grid_leader", "grid_worker", "hotline"]),
    ((Permission.SUGGEST_UNITS,), "suggest_units", DIVISIONS),
    ((Permission.OPEN_TICKET,), "open_ticket", ["community", "counter"]),
    ((Permission.CONVENE,), "convene", DIVISIONS),
    ((Permission.CALL_BACK,), "call_back", ["hotline"]),
    ((Permission.TAKE_CALL,), "take_call", ["hotline"]),
    ((Permission.TAKE_CALL, Permission.PROMISE_CALLBACK), "take_call", ["counter", "hotline"]),
    ((Permission.READ_ROSTER,), "read_roster", ["centre", "hotline", "supervisor"]),
    ((Permission.EDIT_KNOWLEDGE,), "edit_knowledge", ["centre", "hotline"]),
    ((Permission.PROMISE_CALLBACK,), "promise_callback", ["counter", "hotline"]),
    ((Permission.PLAN_ROSTER,), "plan_roster", ["centre", "hotline"]),
    ((Permission.OPEN_MEDIATION,), "open_mediation", DIVISIONS),
    ((Permission.CONCLUDE,), "conclude", ["centre"]),
    ((Permission.RULE_ON_APPEAL,), "rule_on_appeal", ["centre"]),
    ((Permission.HOLD_ACCOUNTABLE,), "hold_accountable", ["centre"]),
]  # fmt: skip
#: Roles that were named beside a refusal of its own, or none.
NAMED = {
    Permission.SCREEN: {*DIVISIONS, "counter", "hotline"},
    Permission.IMPORT_CASES: {"centre"},
    Permission.READ_PROCEEDINGS: {"centre", "supervisor"},
}
#: The words for the acts in a Chinese refusal, as they stood beside the table.
CHINESE = {
    "open_ticket": "开立工单", "convene": "召集议事会", "open_mediation": "启动调解", "take_call": "记录来电",
    "promise_callback": "登记待回访", "call_back": "回访", "plan_roster": "排班", "read_roster": "查看排班",
    "edit_knowledge": "编辑知识库", "read_daily_report": "查看日报", "read_indicators": "查看指标",
    "suggest_duplicates": "查找重复案件", "suggest_units": "推荐承办单位", "conclude": "作出结论",
    "rule_on_appeal": "裁定申诉", "hold_accountable": "启动问责",
}  # fmt: skip


def body(problem: Problem) -> Any:
    return json.loads(json.dumps(problem.data))


def named(role: str) -> Principal:
    return Principal(tenant="dalad", subject="u-1", roles=frozenset({role}), area="/1506/", unit="u")


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("permissions", "act", "roles"), ASKED, ids=[f"{act}-{len(roles)}" for _, act, roles in ASKED])
def test_the_table_lets_those_act_whom_the_rules_named_and_refuses_others_alike(
    permissions: tuple[Permission, ...], act: str, roles: list[str], role: str
) -> None:
    if role in roles:
        require_permission(named(role), *permissions)
        return
    with pytest.raises(WrongRole) as refused:
        require_permission(named(role), *permissions)
    assert body(refused.value) == {"power": act, "roles": sorted(roles)}


def test_the_table_names_the_same_roles_for_the_acts_with_a_refusal_of_their_own() -> None:
    assert {permission: HOLDERS[permission] for permission in NAMED} == NAMED


def test_every_permission_beside_the_steps_of_a_case_is_compared() -> None:
    beside = list(Permission)[list(Permission).index(Permission.SCREEN) :]
    assert {permission for permissions, _, _ in ASKED for permission in permissions} | set(NAMED) == set(beside)


def test_the_acts_have_the_chinese_words_that_they_had() -> None:
    assert {act: ACTS[act] for act in CHINESE} == CHINESE


STEPS: dict[str, Callable[[Principal], object]] = {
    "take_call": lambda by: CallRecord.take(
        "K1", by, caller="blind", outcome=CallOutcome.CALLBACK, now=test_review.NOW
    ),
    "promise_callback": lambda by: Callback.ask(by, "K1", phone="sealed", caller="blind", now=test_review.NOW),
    "plan_roster": lambda by: Roster.plan(by, "2026-11-16", test_review.NOW, []),
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
        assert body(refusal) == {"power": act, "roles": sorted(HOLDERS[Permission(act)])}


def test_a_proceeding_about_the_centres_own_unit_is_refused_with_the_act() -> None:
    review = test_review.opened()
    own = Principal(tenant="dalad", subject="u-1", roles=frozenset({"centre"}), area="/1506/", unit=review.unit)
    with pytest.raises(OwnWork) as refused:
        review.conclude(own, True, "", test_review.NOW, test_review.LIMITS)
    assert body(refused.value) == {"act": "conclude", "reason": "it is about your unit"}
