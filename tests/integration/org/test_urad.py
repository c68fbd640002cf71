"""Urad Front Banner: a tenant whose root is a county, imported from the real file, with two grid inventories."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from chassis.security import operator_token
from launcher.api import Api
from launcher.imports.divisions import import_file
from tests.servers.site import Site
from tests.servers.waiting import wait_for

FILE = Path(__file__).parents[3] / "data" / "divisions.csv"
ROOT = "150823"
GENERAL, BASE, MICRO, DEDICATED, TOWNS = 15, 200, 897, 662, 11


@pytest.fixture
def api(running_site: Site) -> Api:
    """Returns an API client of the operator in the new, empty tenant of Urad Front Banner."""
    key = running_site.keys.operator.read_bytes().strip()
    urad = Api(running_site.url, operator_token.issue("urad", key))
    settings = {"name": "乌拉特前旗", "inventories": [{"code": "party-health", "name": "党建+卫生网格"}]}
    urad.call("POST", "/v1/tenant", {"root": ROOT, "tier": "county", "settings": settings}, "urad")
    return urad


def administrator(api: Api, site: Site, password: str = "十二 invented words") -> Api:  # noqa: S107  # a test's own
    [root] = wait_for(lambda: api.get("/v1/divisions")["items"])
    user = api.post("/v1/users", login="admin", password=password, name="试验管理员")
    post = api.post("/v1/posts", kind="tenant_admin", title="管理员", unit=ROOT, area=root["path"])
    terms = {"subject": user["id"], "post": post["id"], "duty": "管理", "area": root["path"]}
    api.post("/v1/assignments", **terms)
    return Api(site.url).signed_in("urad", "admin", password)


def plans(communities: list[str]) -> list[dict[str, Any]]:
    """Returns plans of 15 general, 200 base and 897 micro-grids, and of 662 in the dedicated inventory."""
    streets = sorted({code[:9] for code in communities})[:GENERAL]
    general = [
        {"code": f"{street}000001", "name": "总网格", "level": "general", "above": street, "covers": [street]}
        for street in streets
    ]
    base = _dealt(communities, BASE, "base", "main")
    micro = _dealt([grid["code"] for grid in base], MICRO, "micro", "main")
    return general + base + micro + _dealt(communities, DEDICATED, "base", "party-health")


def _dealt(places: list[str], count: int, level: str, inventory: str) -> list[dict[str, Any]]:
    prefix = "" if inventory == "main" else f"{inventory}."
    every = ((place, serial) for serial in range(1, 999) for place in places)
    return [
        {
            "code": f"{prefix}{place}{serial:03}",
            "name": f"第{serial}网格",
            "level": level,
            "above": place,
            "inventory": inventory,
        }
        for place, serial in islice(every, count)
    ]


@pytest.mark.domain("总/基础/微网格; 党建+卫生网格 1+1+1+N")
def test_its_15_200_897_grids_and_662_of_the_second_inventory_are_never_added_up(api: Api, running_site: Site) -> None:
    broken = FILE.read_text(encoding="utf-8") + "15082310,150823,township,坏行\n150823109,150823,township\n"
    file = running_site.folder / "divisions.csv"
    file.write_text(broken, encoding="utf-8")

    report = import_file(api, file)
    again = import_file(api, file)

    assert str(again).startswith(f"{report.read} rows: 0 divisions imported, 0 renamed")
    assert again.rejected == report.rejected
    assert sorted(row.line for row in report.rejected) == [2204, 2205]
    admin = administrator(api, running_site)
    streets = admin.get(f"/v1/divisions?parent={ROOT}&limit=200")["items"]
    # Codes of towns start with 1, those of sums with 2; the others are farms with codes of their own.
    assert len([street for street in streets if street["code"][6] in "12"]) == TOWNS
    communities = [
        community["code"]
        for street in streets
        for community in admin.get(f"/v1/divisions?parent={street['code']}&limit=200")["items"]
    ]
    wanted = plans(communities)
    for start in range(0, len(wanted), 500):
        assert admin.post("/v1/grids/import", plans=wanted[start : start + 500])["rejected"] == []
    assert admin.get("/v1/grids/count") == {
        "main": {"general": GENERAL, "base": BASE, "micro": MICRO},
        "party-health": {"base": DEDICATED},
    }
