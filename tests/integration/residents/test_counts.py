"""The gauge of residents, as a collector of metrics reads it."""

from __future__ import annotations

import urllib.request

from tests.integration.residents.town import SECOND, Town
from tests.servers.waiting import wait_for


def counted(town: Town) -> float:
    running = next(each for each in town.site.started if each.part.name == "residents")
    with urllib.request.urlopen(f"{running.part.ops_url}/metrics", timeout=5) as answer:
        lines = answer.read().decode().splitlines()
    series = f'linli_residents{{tenant="{town.tenant}"}}'
    return next((float(line.split()[-1]) for line in lines if line.startswith(series)), -1)


def test_who_lives_here_is_counted_once_wherever_they_live(town: Town) -> None:
    household = town.household()
    moved, merged, stays = (town.person(household) for _ in range(3))
    elsewhere = town.household("street", town.dwelling("street", area=SECOND))
    town.person(elsewhere, "street")
    town.ask("worker", "move_out", resident=moved)
    town.ask("community", "merge_residents", resident=merged, into=stays)
    wait_for(lambda: counted(town) == 2)
