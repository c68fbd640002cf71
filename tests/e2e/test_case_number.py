"""The number of a case over the API: told to the reporter, said on the phone, found by the hotline, followed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.city import City
from tests.servers.site import Site


@pytest.fixture
def city(running_site: Site) -> Iterator[City]:
    opened = City(running_site, "numbers").opened()
    yield opened
    opened.sign_out()


@pytest.mark.domain("96118 热线")
@pytest.mark.domain("The case: number (工单号)")
def test_a_number_that_is_said_on_the_phone_leads_to_the_case(city: City) -> None:
    made = city.report().json()
    said = {"number": made["number"]}

    def listed(login: str) -> list[Any]:
        return [row["id"] for row in city.http(login).get("/v1/cases", params=said).json()["items"]]

    assert listed("hotline") == [made["id"]]
    assert listed("neighbour") == []
    with city.client() as visitor:
        receipt = {"Linli-Tenant": city.tenant}
        followed = visitor.post("/v1/follow", json=said | {"code": made["code"]}, headers=receipt)
        refused = visitor.post("/v1/follow", json=said | {"code": "wrong"}, headers=receipt)
    assert (followed.json()["id"], followed.json()["number"]) == (made["id"], made["number"])
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")
    events = [event for event in city.events() if event.subject == made["id"]]
    assert {event.data_fields()["case"]["number"] for event in events} == {made["number"]}
