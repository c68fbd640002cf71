"""Validation of parameters: a bad value is refused and named, with the accepted values."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from gateway.app import OPERATIONS
from tests.integration.gateway.conftest import BrokerProcess
from tests.integration.gateway.running import Site, running

pytestmark = pytest.mark.anyio


@pytest.fixture
async def site(broker_process: BrokerProcess, tmp_path: Path) -> AsyncIterator[Site]:
    async with running(tmp_path, broker_process.uri) as site:
        yield site


async def faults(site: Site, address: str, accept: str = "en") -> dict[str, str]:
    """Returns the fields for which a GET is refused, before any service is called."""
    answer = await site.http.get(address, headers=site.signed_in("u-lan", **{"Accept-Language": accept}))
    assert (answer.status_code, site.cases.calls) == (422, []), answer.text
    return {fault["field"]: fault["reason"] for fault in answer.json()["fields"]}


async def parameters_of(site: Site, path: str) -> dict[str, Any]:
    document = (await site.http.get("/v1/openapi.json")).json()
    return {each["name"]: each for each in document["paths"][path]["get"]["parameters"]}


async def test_an_unknown_name_in_a_path_is_refused_with_the_accepted_names(site: Site) -> None:
    assert await faults(site, "/v1/work/later") == {
        "name": "it must be 'to_do', 'mine', 'came_back', 'yellow_and_red' or 'supervised'"
    }
    chinese = await faults(site, "/v1/proceedings/tribunal", "zh-CN")
    assert chinese == {"kind": "须为 'review'或'accountability'"}
    assert (await faults(site, "/v1/daily-reports/yesterday")).keys() == {"day"}


@pytest.mark.parametrize("address", ["/v1/cases?number=%ff", "/v1/cases?%c0%80=1", "/v1/cases/%ff", "/docs/%ed%a0%80"])
async def test_an_address_that_is_no_utf_8_is_refused_and_never_read_as_another_one(site: Site, address: str) -> None:
    answer = await site.http.get(address, headers=site.signed_in("u-lan", **{"Accept-Language": "en"}))
    assert (answer.status_code, answer.json()["code"], site.cases.calls) == (400, "bad_request", [])
    assert answer.json()["title"] == "The request cannot be read: the address must be percent-encoded UTF-8."


@pytest.mark.parametrize(
    "address",
    [
        "/v1/cases?colour=red", "/v1/cases/7?colour=red", "/v1/units?colour=red", "/v1/me?colour=red",
        "/v1/photos/p-1?colour=red", "/v1/events?colour=red", "/v1/hot-spots?since=2026-03-01&colour=red",
    ],
)  # fmt: skip
async def test_an_unknown_parameter_is_refused(site: Site, address: str) -> None:
    assert await faults(site, address) == {"colour": "there is no such field"}


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/v1/cases?state=NOSUCH", "state"),
        ("/v1/tickets?state=NOSUCH", "state"),
        ("/v1/proceedings/review?state=NOSUCH", "state"),
        ("/v1/grid-merges?state=NOSUCH", "state"),
        ("/v1/emergencies?state=NOSUCH", "state"),
        ("/v1/units?kind=nosuch", "kind"),
        ("/v1/posts?place=1503&kind=nosuch", "kind"),
        ("/v1/list-entries?kind=nosuch", "kind"),
    ],
)
async def test_an_unknown_filter_value_is_refused_with_the_accepted_values(
    site: Site, address: str, field: str
) -> None:
    told = await faults(site, address)
    assert told.keys() == {field}
    assert told[field].startswith("it must be '")


@pytest.mark.parametrize("name", ["state", "priority", "mark", "reported_from"])
async def test_the_text_null_does_not_drop_a_filter(site: Site, name: str) -> None:
    for null in ("null", "Null"):
        assert (await faults(site, f"/v1/cases?{name}={null}")).keys() == {name}


async def test_unknown_row_fields_are_named_with_the_existing_ones(site: Site) -> None:
    assert await faults(site, "/v1/estates?division=1503&fields=id,colour,size") == {
        "fields": "a row has no colour, size; it has id, name, division, path, grids, version"
    }
    chinese = await faults(site, "/v1/estates?division=1503&fields=colour", "zh-CN")
    assert chinese == {"fields": "列表项没有字段 colour，可选字段：id、name、division、path、grids、version"}
    for empty in ("", ",", "id,"):
        assert (await faults(site, f"/v1/cases?fields={empty}")).keys() == {"fields"}


@pytest.mark.parametrize("key", ["a b", "a$b", "a%0A", "编号", "a" * 65])
async def test_a_malformed_id_in_a_path_is_refused(site: Site, key: str) -> None:
    assert await faults(site, f"/v1/cases/{key}") == {"case": "it is not a valid id"}
    assert await faults(site, f"/v1/cases/{key}", "zh-CN") == {"case": "不是有效的编号"}


async def test_an_id_in_a_path_may_be_all_that_the_api_documents(site: Site) -> None:
    schema = (await parameters_of(site, "/v1/cases/{case}"))["case"]["schema"]
    key = "aZ09_.:-" * 8
    assert (schema["minLength"], schema["maxLength"], bool(re.search(schema["pattern"], key))) == (1, len(key), True)
    answer = await site.http.get(f"/v1/cases/{key}", headers=site.signed_in("u-lan"))
    assert [call["args"] for call in site.cases.calls] == [{"case": key}], answer.text


async def test_the_api_documents_the_rows_of_a_list_and_the_selectable_fields(site: Site) -> None:
    document = (await site.http.get("/v1/openapi.json")).json()
    for verbs in document["paths"].values():
        listing = [each for each in verbs.get("get", {}).get("parameters", []) if each["name"] == "fields"]
        if listing:
            answer = verbs["get"]["responses"]["200"]["content"]["application/json"]["schema"]
            page = document["components"]["schemas"][answer["$ref"].rpartition("/")[2]]
            row = document["components"]["schemas"][page["properties"]["items"]["items"]["$ref"].rpartition("/")[2]]
            told = str(listing[0])
            assert all(name in told for name in row["properties"])


async def test_the_api_documents_the_accepted_names_of_a_path(site: Site) -> None:
    for path, name, allowed in (
        ("/v1/work/{name}", "name", ["to_do", "mine", "came_back", "yellow_and_red", "supervised"]),
        ("/v1/proceedings/{kind}", "kind", ["review", "accountability"]),
    ):
        shown = (await parameters_of(site, path))[name]["schema"]["enum"]
        assert sorted(shown) == sorted(allowed)


@pytest.mark.parametrize("text", ["1e1", "1.0", "9" * 10, "9" * 5_000, "0x1", "-", ""])
async def test_a_number_in_a_query_is_a_few_plain_digits(site: Site, text: str) -> None:
    assert await faults(site, f"/v1/cases?limit={text}") == {"limit": "it must be a whole number of at most 9 digits"}


@pytest.mark.parametrize("text", ["nan", "inf", "1e2", "9" * 5_000, "1." + "1" * 5_000])
async def test_a_coordinate_in_a_query_is_a_plain_decimal(site: Site, text: str) -> None:
    found = await faults(site, f"/v1/locate?lon={text}&lat=39.6")
    assert found == {"lon": "it must be a decimal number like 106.79"}


@pytest.mark.parametrize("digits", [10, 5_000])
async def test_an_address_with_an_endless_number_does_not_exist(site: Site, digits: int) -> None:
    numbered = [path for path in site_paths() if ":int}" in path]
    assert numbered
    for path in numbered:
        address = re.sub(r"{\w+:int}", "9" * digits, path)
        for headers in ({}, site.signed_in("u-lan")):
            answer = await site.http.post(re.sub(r"{\w+}", "7", address), headers=headers, json={})
            assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")
    assert site.cases.calls == []


@pytest.mark.parametrize("length", ["9" * 19, "9" * 5_000, "1e3", "-1"])
async def test_an_absurd_content_length_is_no_fault_of_ours(site: Site, length: str) -> None:
    answer = await site.http.post(
        "/v1/cases/7/withdraw", headers=site.signed_in("u-lan", **{"Content-Length": length}), json={}
    )
    assert answer.status_code == 422


def site_paths() -> set[str]:
    return {operation.path for operations in OPERATIONS.values() for operation in operations}
