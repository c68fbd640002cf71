"""Unusual reading through the running services: alerts for the supervisor, from the audit log."""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chassis.envelope import decode
from chassis.security.principal import Principal
from tests.integration.residents.town import COMMUNITY_CODE, GRID, SECOND, Town
from tests.integration.tenant_of import next_key
from tests.servers.site import Running, Site
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("Privacy: unusual reading")
OFF = {"many": 0, "outside": 0, "at_night": 0, "leaving": 0}
NOTE = "已与本人和社区核实"


def limit(town: Town, **limits: Any) -> None:
    """Switches on these rules alone, and waits until residents knows."""
    version = town.ask_org("tenant_admin", "get_tenant")["version"]
    patch = {"unusual_reading": OFF | limits}
    town._asked(town.org, town.who("tenant_admin"), "change_settings", f"limit-{version}", version, {"patch": patch})
    known = {f"unusual_reading.{name}": value for name, value in patch["unusual_reading"].items()}
    wait_for(lambda: town.stored("tenant_settings", **known))


def alerts(town: Town, by: str | Principal = "supervisor", **form: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = town.ask(by, "list_reading_alerts", **form)["items"]
    return found


def raised(town: Town, **wanted: Any) -> dict[str, Any]:
    """Waits for the one alert that there is, until it has counted so much."""

    def found() -> dict[str, Any] | None:
        rows = alerts(town)
        assert len(rows) <= 1
        return rows[0] if rows and wanted.items() <= rows[0].items() else None

    return wait_for(found)


def judged(town: Town) -> bool:
    """Whether the judge has come to the end of every chain."""
    rows = town.site.collections("residents")
    last = {each["_id"]: each["last"] for each in rows.audit_positions.find()}
    ends = rows.audit.aggregate([{"$group": {"_id": {"$first": {"$split": ["$_id", ":"]}}, "last": {"$max": "$_id"}}}])
    return all(last.get(each["_id"]) == each["last"] for each in ends)


def people(town: Town, count: int, by: str = "worker", **where: Any) -> list[str]:
    household = town.household(by, town.dwelling(by, **where))
    return [town.person(household, by) for _ in range(count)]


def told(town: Town) -> list[dict[str, Any]]:
    events = [decode(body) for body in town.log()]
    return [event.data_fields() for event in events if event.name == "residents.reading_alert.changed.v1"]


def test_too_many_records_in_a_day_raise_one_alert_that_counts_on(town: Town) -> None:
    limit(town, many=3)
    residents = people(town, 4)
    for resident in [residents[0], *residents[:3]]:
        town.opened(resident)
    alert = raised(town, different=3)
    assert (alert["reader"], alert["rule"], alert["state"], alert["readings"]) == ("worker-1", "many", "OPEN", 4)
    assert alert["area"] == GRID
    town.opened(residents[3])
    assert raised(town, different=4)["id"] == alert["id"]
    shown = town.ask("supervisor", "get_reading_alert", alert=alert["id"])
    assert (sorted(shown["records"]), shown["steps"]) == (sorted(residents), [])
    assert told(town) == [{"id": alert["id"], "reader": "worker-1", "rule": "many", "state": "OPEN"}]


def test_what_is_shown_masked_is_no_opening(town: Town) -> None:
    limit(town, many=1)
    people(town, 2)
    assert len(town.seen("worker")) == 2
    wait_for(lambda: judged(town))
    assert not town.stored("reading_alerts")


def test_a_sheet_of_a_household_opens_each_of_its_members(town: Town) -> None:
    limit(town, many=4)
    residents = people(town, 3)
    household = town.ask("worker", "get_resident", resident=residents[0])["household"]
    town.ask("worker", "open_household_sheet", household=household, purpose="care", reason="入户")
    raised(town, different=4)


def test_reading_outside_the_usual_hours_of_the_city(town: Town) -> None:
    now = datetime.now(ZoneInfo("Asia/Shanghai"))
    hours = ("02:00:00", "03:00:00") if now.hour > 12 else ("22:00:00", "23:00:00")
    limit(town, at_night=1, day_from=hours[0], day_until=hours[1])
    town.opened(people(town, 1)[0])
    assert raised(town)["rule"] == "at_night"


def post(town: Town, area: str, **terms: Any) -> str:
    """Somebody new who has this post alone."""
    user = {"login": f"worker-{next(next_key)}", "password": "plenty of apricots", "name": "王小明"}
    subject = str(town.ask_org("tenant_admin", "add_user", **user)["id"])
    plan = {"kind": "grid_worker", "title": "网格员", "unit": COMMUNITY_CODE, "area": area, "duties": []}
    made = town.ask_org("tenant_admin", "open_post", **plan)["id"]
    given = {"subject": subject, "post": made, "duty": "巡查", "area": area}
    town.ask_org("tenant_admin", "assign", **given | terms)
    wait_for(lambda: town.stored("assignments", subject=subject, area=area))
    return subject


def test_reading_outside_the_own_posts_though_the_role_allows_it(town: Town) -> None:
    limit(town, outside=1)
    [here], [there] = people(town, 1), people(town, 1, "street", area=SECOND)
    reader = post(town, GRID)
    town.opened(here, town.who("worker", subject=reader))
    town.opened(there, town.who("worker", subject=reader, area=SECOND))
    alert = raised(town, different=1)
    assert town.ask("supervisor", "get_reading_alert", alert=alert["id"])["records"] == [there]
    assert [each["id"] for each in alerts(town, area=SECOND)] == [each["id"] for each in alerts(town, area=GRID)]


def test_reading_shortly_before_the_end_of_the_post(town: Town) -> None:
    limit(town, leaving=1, leaving_days=7)
    [resident] = people(town, 1)
    leaves, stays = (post(town, GRID, valid_until=(town.site.now + timedelta(days=n)).isoformat()) for n in (5, 9))
    for reader in (stays, leaves):
        town.opened(resident, town.who("worker", subject=reader))
    alert = raised(town)
    assert (alert["reader"], alert["rule"]) == (leaves, "leaving")


def test_a_supervisor_explains_and_decides_and_the_note_is_sealed(town: Town) -> None:
    limit(town, many=1)
    town.opened(people(town, 1)[0])
    alert = raised(town)["id"]
    assert town.ask("supervisor", "explain_reading", alert=alert, note=NOTE)["state"] == "EXPLAINED"
    assert town.ask("supervisor", "confirm_misuse", alert=alert, note=NOTE)["state"] == "CONFIRMED"
    refused = town.problem("supervisor", "dismiss_reading_alert", alert=alert, note=NOTE)
    assert refused["code"] == "reading_alert.wrong_state"
    steps = town.ask("supervisor", "get_reading_alert", alert=alert)["steps"]
    assert [(each["state"], each["by"], each["note"]) for each in steps] == [
        ("EXPLAINED", "supervisor-1", NOTE), ("CONFIRMED", "supervisor-1", NOTE)
    ]  # fmt: skip
    assert NOTE not in str(town.row(alert, "reading_alerts"))
    audit = town.site.collections("residents").audit
    assert audit.find_one({"tenant": town.tenant, "action": "residents.reading_alert.read", "subjects": [alert]})
    assert [each["state"] for each in told(town)] == ["OPEN", "EXPLAINED", "CONFIRMED"]
    assert not any(NOTE.encode() in body for body in town.log())


def test_to_the_reader_the_alert_does_not_exist_not_as_a_supervisor_either(town: Town) -> None:
    limit(town, many=1)
    town.opened(people(town, 1)[0])
    alert = raised(town)["id"]
    oneself = town.who("supervisor", subject="worker-1")
    assert alerts(town, oneself) == []
    for method, form in (
        ("get_reading_alert", {}), *((step, {"note": NOTE}) for step in ("explain_reading", "confirm_misuse",
        "dismiss_reading_alert"))
    ):  # fmt: skip
        of_it, of_none = (town.problem(oneself, method, alert=each, **form) for each in (alert, "NONE"))
        assert (of_it["code"], of_it | {"instance": ""}) == ("not_found", of_none | {"instance": ""})
    assert town.refused("worker", "list_reading_alerts") == "wrong_role"
    far = town.who("supervisor", subject="supervisor-2", area="/1503/150303/")
    assert alerts(town, far) == alerts(town, far, area="/1503/150302/") == []
    assert town.refused(far, "get_reading_alert", alert=alert) == "not_found"
    [event] = [each for each in map(decode, town.log()) if each.name == "residents.reading_alert.changed.v1"]
    assert (event.visibility.audience, event.visibility.hidden_from) == ("supervisors", "worker-1")


def metric(town: Town, name: str) -> float:
    running = next(each for each in town.site.started if each.part.name == "residents")
    with urllib.request.urlopen(f"{running.part.ops_url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    series = f'{name}{{tenant="{town.tenant}"}}'
    return next((float(line.split()[-1]) for line in lines if line.startswith(series)), -1)


def test_a_gauge_shows_how_many_alerts_wait(town: Town) -> None:
    limit(town, many=1)
    town.opened(people(town, 1)[0])
    alert = raised(town)["id"]
    wait_for(lambda: metric(town, "linli_open_reading_alerts") == 1)
    town.ask("supervisor", "dismiss_reading_alert", alert=alert, note=NOTE)
    wait_for(lambda: metric(town, "linli_open_reading_alerts") == 0)


@pytest.fixture
def own(site: Site) -> Iterator[tuple[Town, Running]]:
    """A town of its own, and its process `residents`, which the test may kill."""
    _, residents = site.start("org", "residents")
    town = Town(site, "reading-town").open()
    yield town, residents
    town.close()


def test_killed_after_each_reading_it_misses_none_and_counts_none_twice(own: tuple[Town, Running]) -> None:
    town, residents = own
    limit(town, many=3)
    for resident in people(town, 4):
        town.opened(resident)
        residents.kill()
        residents.restart()
    positions = town.site.collections("residents").audit_positions
    alert = raised(town, different=4)
    assert alert["readings"] == 4
    # As if it had been killed before each position was stored: every entry comes again.
    wait_for(lambda: judged(town))
    positions.delete_many({})
    wait_for(lambda: judged(town))
    assert raised(town) == alert


def test_rows_that_no_writer_wrote_hold_up_nothing(town: Town) -> None:
    limit(town, many=1)
    audit = town.site.collections("residents").audit
    odd = {"tenant": town.tenant, "action": "residents.resident.opened"}
    audit.insert_many([{"_id": each} | odd for each in ("\x00", "a", "a:b:1", "residents.a:000000000001", "zz:")])
    try:
        town.opened(people(town, 1)[0])
        raised(town)
    finally:
        audit.delete_many({"_id": {"$in": ["\x00", "a", "a:b:1", "residents.a:000000000001", "zz:"]}})
