"""The gauges of open and overdue cases, as a collector of metrics reads them."""

from __future__ import annotations

import urllib.request
from datetime import timedelta

from tests.integration.cases.town import Town
from tests.servers.site import Running
from tests.servers.waiting import wait_for


def value_of(running: Running, series: str) -> float:
    """Returns the value of one series of a process; -1 if it has none."""
    with urllib.request.urlopen(f"{running.part.ops_url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(series)), -1)


def counted(town: Town, name: str) -> float:
    running = next(each for each in town.site.started if each.part.name == "cases")
    return value_of(running, f'{name}{{tenant="{town.tenant}"}}')


def test_open_and_overdue_cases_are_counted_for_each_tenant(town: Town) -> None:
    case = town.report(town.who("resident", subject="r-1"))["id"]
    town.report(town.who("resident", subject="r-2"))
    town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)
    wait_for(lambda: counted(town, "linli_open_cases") == 2, 60)
    assert counted(town, "linli_overdue_cases") == 0
    town.site.advance(timedelta(days=30))
    wait_for(lambda: counted(town, "linli_overdue_cases") == 1, 60)


def test_one_replica_counts_for_all(town: Town) -> None:
    town.report("resident")
    wait_for(lambda: counted(town, "linli_open_cases") == 1, 60)
    second = town.site.launch("cases")
    try:
        second.wait_until_ready()
        wait_for(lambda: value_of(second, 'linli_leader{task="count_cases"}') == 0, 60)
        assert value_of(second, "linli_open_cases{") == value_of(second, "linli_overdue_cases{") == -1
        assert counted(town, "linli_open_cases") == 1
    finally:
        second.kill()
        town.site.started.remove(second)
