"""What residents knows of org: filled again by a resync, and said by name."""

from __future__ import annotations

import pytest

from tests.integration.residents.town import COMMUNITY, GRID, Town
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("人、房、事融合")
REPLICAS = ("places", "estates", "buildings", "tenant_settings")


def test_a_resync_fills_the_replicas_from_org(town: Town) -> None:
    before = {name: town.stored(name) for name in REPLICAS}
    assert all(before.values())
    for name in REPLICAS:
        town.site.collections("residents")[name].delete_many({"tenant": town.tenant})
    cursor = ""
    while cursor := town.ask_org("operator", "resync", service="residents", cursor=cursor)["cursor"]:
        pass
    town.known_here()
    wait_for(lambda: {name: town.stored(name) for name in REPLICAS} == before)
    town.dwelling()


def test_a_refusal_names_the_place_as_people_do(town: Town) -> None:
    problem = town.problem("worker", "record_dwelling", area=COMMUNITY, door="1单元101")
    assert problem["code"] == "not_your_area"
    assert "新海社区居委会" in problem["zh"]
    assert GRID not in problem["zh"]
