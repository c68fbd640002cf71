"""While the events of org wait, a new unit or place is not known yet; only once they are handled an id is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from tests.integration.cases.town import COMMUNITY_CODE, COUNTY, LAMP, STREET_CODE, Town
from tests.servers.waiting import wait_for

NEW_STREET, NEW_COMMUNITY = "150302009", "150302009001"


@contextmanager
def _no_events(town: Town) -> Iterator[None]:
    """The broker refuses cases the queue of its events, but not its requests."""
    site, call = town.site, town.site.broker.call
    rights = f"/api/permissions/{site.name}/cases"
    normal = {name: right for name, right in call("GET", rights).items() if name in ("configure", "write", "read")}
    call("PUT", rights, normal | {"read": r"^(linli\..+|cases\.again|requests\.cases)$"})
    site.broker.control("close_all_user_connections", "cases", "a test of events that wait")
    try:
        [cases] = [running for running in site.started if running.part.name == "cases"]
        wait_for(lambda: "refused" in cases.part.health()["checks"]["consumer"])
        # The first reply may go the way of its connection.
        wait_for(lambda: town.asked.many([town.asked.call("get_case", case="any")], seconds=1) != [None])
        yield
    finally:
        call("PUT", rights, normal)


def test_a_new_unit_is_not_known_yet_for_as_long_as_its_event_waits(town: Town) -> None:
    case = town.registered()
    with _no_events(town):
        town.ask_org("tenant_admin", "open_unit", unit="parks", name="园林局", kind="department", path=COUNTY)
        for wrong in ("parks", "no-such-unit"):
            assert town.refused("street", "dispatch", case=case, lead=wrong) == "not_known_yet"
            town.site.advance(timedelta(minutes=9))
            assert town.refused("street", "dispatch", case=case, lead=wrong) == "not_known_yet"
    wait_for(lambda: town.stored("units") == 4)
    wait_for(lambda: town.refused("street", "dispatch", case=case, lead="no-such-unit") == "invalid")
    assert town.refused("street", "dispatch", case=case, lead="parks") == "case.off_the_list"


def test_a_new_place_in_a_new_place_is_not_known_yet_for_as_long_as_their_events_wait(town: Town) -> None:
    path = f"{COUNTY}{NEW_STREET}/{NEW_COMMUNITY}/"
    report = {"category": LAMP, "place": {"path": path}, "text": "路灯不亮"}
    assert town.refused("resident", "report", **report) == "invalid"
    with _no_events(town):
        rows = [
            {"line": 2, "code": NEW_STREET, "parent": "150302", "tier": "street", "name": "新街道"},
            {"line": 3, "code": NEW_COMMUNITY, "parent": NEW_STREET, "tier": "community", "name": "新社区"},
        ]
        assert not town.ask_org("tenant_admin", "import_divisions", rows=rows)["rejected"]
        town.site.advance(timedelta(minutes=9))
        assert town.refused("resident", "report", **report) == "not_known_yet"
        town.site.advance(timedelta(minutes=9))
        assert town.refused("resident", "report", **report) == "not_known_yet"
    wait_for(lambda: town.stored("places", path=path))
    assert town.ask("resident", "report", **report)["id"]
    nowhere = report | {"place": {"path": f"{COUNTY}{STREET_CODE}/{COMMUNITY_CODE[:-1]}9/"}}
    wait_for(lambda: town.refused("resident", "report", **nowhere) == "invalid")
