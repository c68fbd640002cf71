"""The gauges of open and overdue cases, as a collector of metrics reads them."""

from __future__ import annotations

import urllib.request
from datetime import timedelta

from tests.integration.cases.town import Town
from tests.servers.waiting import wait_for


def counted(town: Town, name: str) -> float:
    url = next(each.part.ops_url for each in town.site.started if each.part.name == "cases")
    with urllib.request.urlopen(f"{url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(f'{name}{{tenant="{town.tenant}"}}')), -1)


def test_open_and_overdue_cases_are_counted_for_each_tenant(town: Town) -> None:
    case = town.report(town.who("resident", subject="r-1"))["id"]
    town.report(town.who("resident", subject="r-2"))
    town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
    town.ask("street", "register", case=case)
    wait_for(lambda: counted(town, "linli_open_cases") == 2, 60)
    assert counted(town, "linli_overdue_cases") == 0
    town.site.advance(timedelta(days=30))
    wait_for(lambda: counted(town, "linli_overdue_cases") == 1, 60)
