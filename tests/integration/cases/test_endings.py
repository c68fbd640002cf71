"""Cases that end early, over the running services: on the spot, withdrawn or voided; and who hears of it, and why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chassis.envelope import Envelope, decode
from chassis.security.principal import Principal
from gateway.events.visibility import sees, shown
from tests.integration.cases.town import COVER, Town
from tests.servers.waiting import wait_for

REASONS = {
    "void": ("mistaken", {"en": "Entered by mistake", "zh-CN": "误录"}),
    "withdraw": ("gone", {"en": "The problem is gone", "zh-CN": "问题已消除"}),
}
#: Who works on the case or watches over it, beside its reporter.
INVOLVED = ("urban", "water", "housing", "grid_worker", "community", "street", "centre", "supervisor", "hotline")
STRANGERS = ("neighbour", "courier", "counter", "inspector", "elsewhere")


def at_work(town: Town) -> dict[str, str]:
    """A case with a lead, another unit that was whistled for and a third with a sub-task."""
    made: dict[str, str] = town.report()
    case = made["id"]
    town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)
    town.ask("street", "whistle", case=case, lead="urban", called=["water"])
    town.ask("urban", "report_in", case=case, handler="urban-1")
    town.ask("urban", "assign_sub_task", case=case, unit="housing", title="开门")
    return made


def told(town: Town, kind: str, case: str) -> Envelope:
    events = [event for event in map(decode, town.log()) if event.name == kind and event.subject == case]
    return events[-1]


def page_of(town: Town, made: dict[str, str]) -> Any:
    nobody = town.who("resident", subject="anonymous", roles=frozenset())
    return town.ask(nobody, "follow", case=made["id"], code=made["code"])


def person(town: Town, name: str) -> Principal:
    return town.who(name, subject="resident-1" if name == "resident" else f"{name}-1")


@pytest.mark.domain("The case: withdraw; void")
@pytest.mark.parametrize(("step", "by"), [("void", "centre"), ("withdraw", "resident")])
def test_everyone_involved_hears_of_the_end_by_event_and_reads_its_reason(town: Town, step: str, by: str) -> None:
    made = at_work(town)
    case = made["id"]
    reason, names = REASONS[step]
    if step == "void":
        assert town.refused("centre", "void", case=case, reason="") in ("case.nothing_shown", "invalid")
    ended = {"void": "VOIDED", "withdraw": "WITHDRAWN"}[step]
    assert town.ask(by, step, case=case, reason=reason)["state"] == ended

    event = told(town, f"cases.case.{'voided' if step == 'void' else 'withdrawn'}.v1", case)
    for name in ("resident", *INVOLVED):
        assert sees(event, person(town, name)), name
        assert f'"reason":"{reason}"'.encode() in shown(event, person(town, name)), name
        assert town.ask(name, "get_case", case=case)["ending"] == {"act": step, "reason": reason, "names": names}, name
    for name in STRANGERS:
        assert not sees(event, person(town, name)), name
    assert page_of(town, made)["ending"] == {"act": step, "reason": reason, "names": names}
    assert town.ask("urban", "work_list", name="to_do")["items"] == []


@pytest.mark.domain("The case: withdraw; void")
def test_a_case_that_goes_on_has_no_ending(town: Town) -> None:
    made = at_work(town)
    assert page_of(town, made)["ending"] is None
    assert town.ask("urban", "get_case", case=made["id"])["ending"] is None


@pytest.mark.domain("当场解决 / 转线上")
@pytest.mark.domain("The case: on the spot")
def test_a_matter_is_solved_on_the_spot_and_told_or_becomes_a_case(town: Town) -> None:
    solved, goes_on = town.report(), town.report("neighbour", category=COVER)
    assert town.refused("grid_worker", "self_resolve", case=solved["id"]) == "case.nothing_shown"
    town.ask("grid_worker", "self_resolve", case=solved["id"], note="已当场拧紧灯泡")
    page = page_of(town, solved)
    assert (page["state"], page["result"]["note"]) == ("SELF_RESOLVED", "已当场拧紧灯泡")
    assert town.ask("resident", "get_case", case=solved["id"])["result"] == page["result"]
    assert sees(told(town, "cases.case.self_resolved.v1", solved["id"]), person(town, "resident"))

    town.ask("grid_worker", "verify", case=goes_on["id"], found=True, note="井盖破损，需更换")
    town.ask("street", "register", case=goes_on["id"])
    assert town.refused("grid_worker", "self_resolve", case=goes_on["id"], note="晚了") == "case.wrong_state"

    def counted() -> Any:
        """How many were solved on the spot, and of the others: how many were registered, and of how many."""
        registration = [line["indicators"]["registration"]["full"] for line in indicators(town)]
        return [line["on_the_spot"] for line in indicators(town)], [(r["counted"], r["of"]) for r in registration]

    wait_for(lambda: counted() == ([1], [(1, 1)]))


@pytest.mark.domain("当场解决 / 转线上")
@pytest.mark.domain("The case: 异议")
def test_what_was_not_solved_on_the_spot_after_all_becomes_a_case(town: Town) -> None:
    made = town.report()
    town.ask("hotline", "self_resolve", case=made["id"], note="请更换灯泡")
    assert town.ask("resident", "object", case=made["id"], note="还是不亮")["state"] == "VERIFYING"
    assert page_of(town, made)["result"] is None
    town.ask("grid_worker", "verify", case=made["id"], found=True, note="线路故障")
    assert town.ask("street", "register", case=made["id"])["state"] == "REGISTERED"
    assert town.ask("street", "dispatch", case=made["id"], lead="urban")["state"] == "DISPATCHED"


def indicators(town: Town) -> list[dict[str, Any]]:
    today = (town.site.now + timedelta(hours=8)).date()
    period = {"since": today - timedelta(days=1), "until": today + timedelta(days=1)}
    lines: list[dict[str, Any]] = town.ask("street", "get_indicators", **period)["items"]
    return lines
