"""Limits follow the settings and emergencies of org, for cases registered afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from chassis.errors import RemoteProblem
from tests.integration.cases.town import COUNTY, LAMP, Town
from tests.servers.waiting import wait_for


def registered(town: Town, person: str) -> tuple[str, timedelta]:
    """A case and how long it has."""
    case = town.report(town.who("resident", subject=person))["id"]
    town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)
    return case, limit_of(town, case)


def limit_of(town: Town, case: str) -> timedelta:
    found = town.ask("street", "get_case", case=case)
    return datetime.fromisoformat(found["due"]) - datetime.fromisoformat(found["registered_at"])


@pytest.mark.domain("The case: Clock")
def test_a_changed_setting_holds_for_cases_registered_afterwards_or_by_an_explicit_command(town: Town) -> None:
    before, limit = registered(town, "r-1")
    assert limit == timedelta(days=7)
    town.change_settings(limits={"case": {"P3": "3d"}})
    wait_for(lambda: town.site.collections("cases")["kept_limits"].count_documents({"tenant": town.tenant}) == 2)
    wait_for(lambda: registered(town, f"r-{datetime.now()}")[1] == timedelta(days=3))  # noqa: DTZ005
    assert limit_of(town, before) == timedelta(days=7)
    town.ask("street", "recompute_limits", case=before)
    assert limit_of(town, before) == timedelta(days=3)


@pytest.mark.domain("五防两保, 平战结合")
def test_an_emergency_holds_for_cases_registered_in_it_and_ends_by_itself(town: Town) -> None:
    until = town.site.now + timedelta(days=1)
    declaration = {"hazard": "flood", "area": COUNTY, "order": "防汛指挥部令 2026-3", "until": until.isoformat()}
    town.ask_org("centre", "declare_emergency", **declaration)
    wait_for(lambda: town.site.collections("cases")["emergencies"].count_documents({"tenant": town.tenant}) == 1)
    wait_for(lambda: registered(town, f"r-{datetime.now()}")[1] == timedelta(days=1))  # noqa: DTZ005
    case, limit = registered(town, "r-2")
    assert limit == timedelta(days=1)
    assert town.ask("street", "get_case", case=case)["emergency"] is True
    town.site.advance(timedelta(days=1, minutes=1))
    assert registered(town, "r-3")[1] == timedelta(days=7)


def test_many_emergencies_elsewhere_hide_none(town: Town) -> None:
    until = town.site.now + timedelta(days=1)
    declaration = {"hazard": "flood", "area": COUNTY, "order": "防汛指挥部令 2026-3", "until": until.isoformat()}
    town.ask_org("centre", "declare_emergency", **declaration)
    emergencies = town.site.collections("cases")["emergencies"]
    row = wait_for(lambda: emergencies.find_one({"tenant": town.tenant}))
    sooner = {"area": "/1503/150303/", "until": row["until"] - timedelta(hours=1)}
    emergencies.insert_many([row | sooner | {"_id": f"{town.tenant}:!{number}"} for number in range(60)])
    wait_for(lambda: registered(town, f"r-{datetime.now()}")[1] == timedelta(days=1))  # noqa: DTZ005


def retire(town: Town, category: str) -> None:
    """Retires the category, and waits until a report of it is refused."""
    shown = town.ask_org("tenant_admin", "get_tenant")["categories"]
    town.change_settings(categories=[{**each, "retired": each["code"] == category} for each in shown])

    def reported() -> str:
        try:
            town.report(town.who("resident", subject=f"r-{datetime.now()}"), category=category)  # noqa: DTZ005
        except RemoteProblem as refused:
            return str(refused.wire["data"]["fields"])
        return ""

    assert "is retired" in wait_for(reported)


def test_a_repeated_report_gets_its_first_answer_though_its_category_is_retired_by_now(town: Town) -> None:
    first = town.report(key="first")
    retire(town, LAMP)
    assert town.report(key="first") == first


def test_a_retired_category_is_not_reported_any_more_and_open_cases_keep_it(town: Town) -> None:
    case, _ = registered(town, "r-1")
    category = town.ask("street", "get_case", case=case)["category"]
    retire(town, category)
    town.ask("street", "dispatch", case=case, lead="urban")
    assert town.ask("street", "get_case", case=case)["category"] == category
