"""Needs, cards and visits through the running services: planned by rhythm, missed, paid, and followed by a case."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from chassis.envelope import decode
from chassis.errors import RemoteProblem
from chassis.security.principal import Principal
from launcher.servers.broker import Broker
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.integration.cases.town import COMMUNITY, COMMUNITY_CODE, GRID, GRID_CODE, Town
from tests.servers.caller import Caller
from tests.servers.site import Site
from tests.servers.waiting import wait_for
from vocabulary.roles import purposes_of

pytestmark = pytest.mark.domain("定期家访、排查、座谈")
LEDGER = pytest.mark.domain("服务型台账")
CARDS = pytest.mark.domain("五色户卡")
CARE = "service.care.care"
FOUND = "腿脚不便，楼道灯不亮"
READING = {"purpose": "care", "reason": "入户走访"}
NEXT_GRID_CODE = f"{COMMUNITY_CODE}002"
FAR_GRID_CODE = f"{COMMUNITY_CODE}003"
_numbers = itertools.count(1)


class Ward:
    """A town whose residents are recorded: `ask("grid_worker", "record_need", …)` asks the service residents."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self._residents = Caller(town.site.amqp(GATEWAY), town.site.keys, "residents")

    def who(self, by: str | Principal) -> Principal:
        if isinstance(by, Principal):
            return by
        somebody = self.town.who(by)
        return msgspec.structs.replace(somebody, purposes=purposes_of(somebody.roles))

    def ask(self, by: str | Principal, method: str, *, key: str = "", **args: Any) -> Any:
        self._residents.principal = self.who(by)
        reply = self._residents(method, key or f"v{next(_numbers)}", None, **msgspec.to_builtins(args))
        assert reply is not None, f"no answer to {method}"
        if "problem" in reply:
            raise RemoteProblem(reply["problem"])
        return reply["ok"]

    def refused(self, by: str | Principal, method: str, **args: Any) -> str:
        with pytest.raises(RemoteProblem) as refused:
            self.ask(by, method, **args)
        return str(refused.value.to_wire()["code"])

    def stored(self, collection: str, **where: Any) -> list[dict[str, Any]]:
        return [*self.town.site.collections("residents")[collection].find({"tenant": self.town.tenant, **where})]

    def open(self) -> Ward:
        wait_for(lambda: len(self.stored("places")) >= 6 and self.stored("tenant_settings"))
        return self

    def close(self) -> None:
        self._residents.close()
        self.town.close()

    @property
    def today(self) -> date:
        return self.town.site.now.astimezone(ZoneInfo("Asia/Shanghai")).date()

    def family(self, area: str = GRID, door: str = "") -> tuple[str, str]:
        """The household and its one member."""
        dwelling = self.ask("community", "record_dwelling", area=area, door=door or f"{next(_numbers)}室")["id"]
        household = self.ask("community", "open_household", dwelling=dwelling)["id"]
        person = {"household": household, "relation": "head", "name": "王小明", "birthday": "1950-05-01"}
        return household, self.ask("community", "record_resident", **person)["id"]

    def visits(self, household: str, state: str = "PLANNED") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("community", "list_visits", household=household, state=state)["items"]
        return found

    def due_in(self, household: str, days: int) -> dict[str, Any]:
        """Waits until the household's one planned visit is due after so many days."""
        wanted = (self.today + timedelta(days=days)).isoformat()

        def found() -> dict[str, Any] | None:
            planned = self.visits(household)
            return planned[0] if [each["due"] for each in planned] == [wanted] else None

        return wait_for(found)


@pytest.fixture(scope="module")
def visits_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    shared = Site(broker, database, keys, tmp_path_factory.mktemp("visits"))
    try:
        shared.start("org", "cases", "residents")
        yield shared
    finally:
        shared.remove()


@pytest.fixture
def ward(visits_site: Site) -> Iterator[Ward]:
    opened = Ward(Town(visits_site, f"ward-{next(_numbers)}").open()).open()
    yield opened
    opened.close()


@LEDGER
@CARDS
def test_the_next_visit_follows_from_the_card_and_the_needs_and_from_the_last_visit(ward: Ward) -> None:
    household, resident = ward.family()
    need = ward.ask("grid_worker", "record_need", resident=resident, need="life", level=2, note="低保")["id"]
    first = ward.due_in(household, 30)
    ward.ask("grid_worker", "colour_card", household=household, colour="red")
    assert ward.due_in(household, 7)["id"] == first["id"]
    ward.ask("grid_worker", "record_visit", visit=first["id"], findings=FOUND)
    second = ward.due_in(household, 7)
    assert second["id"] != first["id"]
    ward.ask("grid_worker", "colour_card", household=household)
    ward.due_in(household, 30)
    ward.ask("grid_worker", "end_need", need=need, why="收入好转")
    wait_for(lambda: not ward.visits(household))
    assert [each["id"] for each in ward.visits(household, "CANCELLED")] == [second["id"]]


def test_however_many_needs_come_at_once_one_visit_is_planned_by_the_shortest_rhythm(ward: Ward) -> None:
    household, resident = ward.family()
    for need in ("life", "health", "company"):
        ward.ask("grid_worker", "record_need", resident=resident, need=need)
    ward.ask("grid_worker", "colour_card", household=household, colour="green")
    ward.due_in(household, 7)
    wait_for(lambda: ward.town.site.published("residents"))
    assert len(ward.stored("visits", household=household)) == 1


@LEDGER
def test_the_ledger_shows_open_needs_masked_with_the_next_visit_and_residents_are_listed_by_them(ward: Ward) -> None:
    household, resident = ward.family()
    new = {"resident": resident, "need": "company", "level": 3, "note": "子女在外地"}
    need = ward.ask("grid_worker", "record_need", **new)["id"]
    assert ward.refused("grid_worker", "record_need", **new) == "need.known"
    assert ward.refused("grid_worker", "record_need", resident=resident, need="gold") == "invalid"
    assert ward.refused("centre", "record_need", resident=resident, need="life") == "wrong_role"
    ward.due_in(household, 7)
    [row] = ward.ask("centre", "list_needs", need="company")["items"]
    due = (ward.today + timedelta(days=7)).isoformat()
    assert (row["name"], row["level"], row["next_visit"], "note" in row) == ("王**", 3, due, False)
    listed = {"area": COMMUNITY, "need": "company"}
    wait_for(lambda: ward.ask("community", "list_residents", **listed)["items"])
    assert ward.ask("grid_worker", "open_need", need=need, **READING)["note"] == "子女在外地"
    assert ward.refused("centre", "open_need", need=need, **READING) == "wrong_role"
    ward.ask("grid_worker", "meet_need", need=need, why="已结对帮扶")
    wait_for(lambda: not ward.ask("community", "list_residents", **listed)["items"])
    ward.ask("grid_worker", "reopen_need", need=need)
    ward.ask("grid_worker", "revise_need", need=need, level=1)
    opened = ward.ask("grid_worker", "open_need", need=need, **READING)
    assert (opened["state"], opened["level"], opened["note"]) == ("OPEN", 1, "子女在外地")


@LEDGER
def test_the_needs_of_a_merged_record_are_those_of_the_one_that_stays(ward: Ward) -> None:
    _, resident = ward.family()
    household, stays = ward.family()
    ward.ask("grid_worker", "record_need", resident=resident, need="health")
    ward.ask("community", "merge_residents", resident=resident, into=stays, why="同一人")
    ward.due_in(household, 15)
    assert wait_for(lambda: ward.ask("community", "get_resident", resident=stays)["needs"]) == ["health"]
    ward.ask("community", "unmerge_residents", resident=resident)
    wait_for(lambda: not ward.ask("community", "get_resident", resident=stays)["needs"])
    wait_for(lambda: not ward.visits(household))


def test_a_missed_visit_is_listed_passed_up_as_the_city_sets_and_can_still_be_paid(ward: Ward) -> None:
    ward.town.change_settings(care={"raise_after": 2})
    wait_for(lambda: ward.stored("tenant_settings", **{"care.raise_after": 2}))
    household, _ = ward.family()
    due = ward.today + timedelta(days=1)
    visit = ward.ask("grid_worker", "plan_visit", household=household, kind="check", due=due)["id"]
    for days, tier in ((3, ""), (2, "community"), (2, "street")):
        ward.town.site.advance(timedelta(days=days))
        wait_for(lambda tier=tier: [each["tier"] for each in ward.visits(household, "MISSED")] == [tier] or None)
    passed_up = ward.ask("street", "list_visits", state="MISSED", tier="street")["items"]
    assert [each["id"] for each in passed_up] == [visit]
    assert ward.refused("grid_worker", "move_visit", visit=visit, due=ward.today) == "visit.wrong_state"
    ward.ask("grid_worker", "record_visit", visit=visit, findings=FOUND)
    assert ward.visits(household, "MISSED") == []
    told = {each.id: each.name for each in map(decode, ward.town.log()) if each.name.startswith("residents.visit.")}
    steps = ("planned", "reminded", "missed", "raised", "raised", "done")
    assert [*told.values()] == [f"residents.visit.{step}.v1" for step in steps]


def test_a_due_list_begins_with_what_is_due_longest_and_the_route_goes_to_the_nearest_grid(ward: Ward) -> None:
    for code, west in ((NEXT_GRID_CODE, 106.705), (FAR_GRID_CODE, 106.75)):
        plan = {"code": code, "name": f"网格{code[-1]}", "level": "base", "above": COMMUNITY_CODE}
        ward.town.ask_org("tenant_admin", "open_grid", **plan, geometry=square(west))
    ward.town.ask_org("tenant_admin", "revise_grid", grid=GRID_CODE, name="第一网格", geometry=square(106.7))
    drawn = {"rough_outline": {"$exists": True, "$ne": []}}
    wait_for(lambda: len(ward.stored("places", **drawn)) == 3)
    first, far, near = (ward.family(f"{COMMUNITY}{code}/")[0] for code in (GRID_CODE, FAR_GRID_CODE, NEXT_GRID_CODE))
    for ahead, household in ((0, first), (1, far), (2, near), (9, first)):
        due = ward.today + timedelta(days=ahead)
        ward.ask("community", "plan_visit", household=household, due=due)
    on = {"on": ward.today + timedelta(days=2)}
    assert households(ward.ask("community", "list_due_visits", **on)) == [first, far, near]
    assert households(ward.ask("community", "plan_route", **on)) == [first, near, far]
    assert households(ward.ask("grid_worker", "list_due_visits", **on)) == [first]
    assert households(ward.ask("community", "list_due_visits")) == [first]
    assert ward.refused("centre", "list_due_visits") == "wrong_role"


def test_whoever_is_sent_holds_a_post_there(ward: Ward) -> None:
    household, _ = ward.family()
    plan = {"household": household, "due": ward.today + timedelta(days=1)}
    assert ward.refused("grid_worker", "plan_visit", **plan, worker="nobody-1") == "not_known_yet"
    department = ward.town.hire("urban")  # over the county
    wait_for(lambda: ward.stored("assignments", subject=department))
    visit = ward.ask("grid_worker", "plan_visit", **plan, worker=department)["id"]
    assert ward.ask("grid_worker", "get_visit", visit=visit)["worker"] == department


def test_what_a_visit_found_becomes_one_case_and_each_shows_the_other_to_those_who_may_see_it(ward: Ward) -> None:
    household, _ = ward.family()
    found = {"household": household, "kind": "home", "findings": FOUND, "matter": {"category": CARE}}
    wrong = found | {"matter": {"category": "no.such.category"}}
    assert ward.refused("grid_worker", "record_unplanned_visit", **wrong) == "invalid"
    visit = ward.ask("grid_worker", "record_unplanned_visit", **found)["id"]
    shown = wait_for(lambda: ward.ask("grid_worker", "get_visit", visit=visit)["case"])
    case = ward.town.ask("community", "get_case", case=shown["id"])
    assert (case["kind"], case["category"], case["source"], case["number"]) == ("visit", CARE, visit, shown["number"])
    assert case["text"] == "走访发现，详见走访记录。"
    assert case["first_owner"]["person"] == "grid_worker-1"
    ward.town.ask("community", "register", case=case["id"], nobody=True)
    wait_for(lambda: ward.ask("grid_worker", "get_visit", visit=visit)["case"]["state"] == "REGISTERED")
    assert ward.town.stored("cases") == 1
    assert ward.town.ask("hotline", "get_case", case=case["id"])["source"] == ""
    assert household not in str(ward.town.ask("hotline", "get_case", case=case["id"]))
    assert ward.refused("hotline", "get_visit", visit=visit) == "not_found"


@pytest.mark.domain("入户走访、建档立卡")
@pytest.mark.domain("Privacy: rights of the resident")
def test_a_household_is_shown_all_that_is_held_about_it_for_a_purpose_which_is_audited(ward: Ward) -> None:
    household, resident = ward.family(door="3单元502")
    ward.ask("grid_worker", "record_need", resident=resident, need="health", note="需陪同就医")
    ward.ask("grid_worker", "colour_card", household=household, colour="orange")
    ward.ask("grid_worker", "record_unplanned_visit", household=household, findings=FOUND)
    sheet = ward.ask("grid_worker", "open_household_sheet", household=household, **READING)
    assert (sheet["address"], sheet["card"]["zh"]) == ("3单元502", "热心互助户")
    [member], [need] = sheet["members"], sheet["needs"]
    assert (member["name"], member["birthday"], need["note"]) == ("王小明", "1950-05-01", "需陪同就医")
    assert member["history"][0]["field"] == "recorded"
    assert FOUND in [each["findings"] for each in sheet["visits"]]
    [read] = ward.stored("audit", action="residents.household.opened")
    assert (read["subjects"], read["purpose"]) == ([household, resident], "care: 入户走访")
    wrong = {"household": household, "purpose": "inspection", "reason": "核查"}
    assert ward.refused("grid_worker", "open_household_sheet", **wrong) == "wrong_purpose"
    assert ward.refused("centre", "open_household_sheet", household=household, **READING) == "wrong_role"


@pytest.mark.domain("Privacy: events carry ids")
def test_no_event_tells_what_was_found_or_needed_or_who_was_visited(ward: Ward) -> None:
    household, resident = ward.family()
    ward.ask("grid_worker", "record_need", resident=resident, need="company", note="独居")
    found = {"household": household, "findings": FOUND, "matter": {"category": CARE}}
    visit = ward.ask("grid_worker", "record_unplanned_visit", **found)["id"]
    wait_for(lambda: ward.ask("grid_worker", "get_visit", visit=visit)["case"])
    for body in ward.town.log():
        assert not [word for word in (FOUND, "独居", "王小明") if word.encode() in body]
        assert b"residents." not in body or b'"company"' not in body
        if b"residents.visit." in body or b"cases." in body:
            assert household.encode() not in body


def square(west: float) -> dict[str, Any]:
    corners = [(west, 39.6), (west + 0.004, 39.6), (west + 0.004, 39.604), (west, 39.604), (west, 39.6)]
    return {"type": "Polygon", "coordinates": [[list(each) for each in corners]]}


def households(due: Any) -> list[str]:
    return [each["household"] for each in due["items"]]
