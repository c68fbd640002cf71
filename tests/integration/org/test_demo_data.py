"""The demo cities load through the public API, with the numbers of the domain table rows that they demonstrate."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import shape

from chassis.security import operator_token
from launcher import demo as demo_data
from launcher.api import Api
from launcher.demo import nyc, sign_ins, wuhai, yaan
from launcher.demo.loading import outlines_of
from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.servers.site import Site
from tests.servers.waiting import wait_for

PASSWORD = "twelve invented words 十二"


@pytest.fixture(scope="module")
def cities(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Api]]:
    """`cities("yaan", "admin")` returns an API client that is signed in there."""
    site = Site(broker, database, keys, tmp_path_factory.mktemp("demo"))
    try:
        site.start("org", "cases", "residents")
        site.launch("gateway", LINLI_SIGN_IN_LIMIT="1000/minute").wait_until_ready()
        done = tmp_path_factory.mktemp("done")

        def as_operator(tenant: str) -> Api:
            return Api(site.url, operator_token.issue(tenant, keys.operator.read_bytes().strip()))

        demo_data.load(as_operator, PASSWORD, done, lambda what, part, whole: None)
        yield lambda tenant, login="admin": Api(site.url).signed_in(tenant, login, PASSWORD)
    finally:
        site.remove()


def every(api: Api, path: str) -> list[dict[str, Any]]:
    """Returns the items of all pages of a list."""
    found: list[dict[str, Any]] = []
    cursor = ""
    joint = "&" if "?" in path else "?"
    while cursor is not None:
        page = api.get(f"{path}{joint}limit=200" + (f"&cursor={cursor}" if cursor else ""))
        found += page["items"]
        cursor = page["cursor"]
    return found


@pytest.mark.domain("热心人, 楼栋长, 微网格")
def test_wuhai_has_17_estates_and_110_micro_grids(cities: Callable[..., Api]) -> None:
    api = cities("wuhai")
    assert api.get("/v1/grids/count") == {"main": {"general": 1, "base": 10, "micro": 110}}
    assert len(every(api, f"/v1/estates?division={wuhai.NEW_SEA}")) == 17


@pytest.mark.domain("街道党工委—社区党委—网格党支部—楼栋党小组")
def test_wuhai_has_the_four_tiers_of_the_second_tree(cities: Callable[..., Api]) -> None:
    api = cities("wuhai")
    kinds: Counter[str] = Counter()
    waiting = every(api, "/v1/party-organisations")
    while waiting:
        organisation = waiting.pop()
        kinds[organisation["kind"]] += 1
        waiting += every(api, f"/v1/party-organisations?parent={organisation['id']}")
    assert kinds["working_committee"] == kinds["committee"] == 1
    assert (kinds["branch"], kinds["group"]) == (10, 34)


@pytest.mark.domain("网格职责清单, 三张清单 (职责任务/公共服务/属地管理)")
def test_every_category_of_wuhai_is_on_one_of_the_three_lists(cities: Callable[..., Api]) -> None:
    api = cities("wuhai")
    entries = every(api, "/v1/list-entries")
    assert {entry["kind"] for entry in entries} == {"duties", "public_services", "territorial"}
    listed = {entry["category"] for entry in entries if entry["tier"] == "county"}
    assert listed == {category["code"] for category in api.get("/v1/tenant")["categories"]}


def test_each_role_has_a_sign_in(cities: Callable[..., Api]) -> None:
    for staff in sign_ins.WUHAI:
        assert staff.role in cities("wuhai", staff.login).get("/v1/me")["roles"]
    for login, kind, _ in sign_ins.WUHAI_RESIDENTS:
        assert kind in cities("wuhai", login).get("/v1/me")["roles"]


def test_a_point_in_the_community_finds_its_micro_grid(cities: Callable[..., Api]) -> None:
    places = cities("wuhai").get(f"/v1/locate?lon={wuhai.WEST + 0.0001}&lat={wuhai.SOUTH + 0.0001}")
    assert [place["tier"] for place in places["places"]] == ["micro_grid", "grid", "county"]
    assert places["places"][0]["code"] == f"{wuhai.grid_code(1)}001"


def test_the_grids_are_drawn_inside_the_county() -> None:
    county = shape(outlines_of(["150302"])["150302"])
    assert all(county.covers(shape(grid["geometry"])) for grid in [*wuhai.base_grids(), *wuhai.micro_grids()])


@pytest.mark.domain("多网合一 (名山)")
def test_yaan_merges_213_grids_of_19_departments_into_44_with_34_duties(cities: Callable[..., Api]) -> None:
    api = cities("yaan")
    [merge] = wait_for(lambda: every(api, "/v1/grid-merges?state=completed"), seconds=90)
    merged = api.get(f"/v1/grid-merges/{merge['id']}")["grids"]
    assert (len(merged), len({each["new"] for each in merged})) == (213, 44)
    assert api.get("/v1/grids/count") == {"main": {"base": 44}}
    assert (len(merge["departments"]), len(every(api, "/v1/list-entries"))) == (19, 34)


@pytest.mark.domain("县-街道-社区-小区 (+楼栋, 党员, 住户)")
def test_yaan_has_480_estates(cities: Callable[..., Api]) -> None:
    api = cities("yaan")
    estates = 0
    for county in yaan.COUNTIES:
        for street in every(api, f"/v1/divisions?parent={county}"):
            for community in every(api, f"/v1/divisions?parent={street['code']}"):
                estates += len(every(api, f"/v1/estates?division={community['code']}"))
    assert estates == 480


def test_new_york_has_its_boroughs_boards_and_agencies(cities: Callable[..., Api]) -> None:
    api = cities("nyc")
    boroughs = every(api, f"/v1/divisions?parent={nyc.ROOT}")
    assert [borough["name"] for borough in boroughs] == ["Manhattan", "Bronx", "Brooklyn", "Queens", "Staten Island"]
    assert api.get("/v1/divisions/413")["path"] == "/nyc/4/413/"
    assert len(every(api, "/v1/units")) == 11


def test_loading_again_changes_nothing(tmp_path: Path) -> None:
    for tenant in demo_data.CITIES:
        (tmp_path / tenant).touch()

    def nobody(tenant: str) -> Api:
        raise AssertionError(f"{tenant} was loaded again")

    demo_data.load(nobody, PASSWORD, tmp_path, lambda what, part, whole: None)
