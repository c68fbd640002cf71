"""What another city has, or lies outside one's area, answers exactly like what does not exist."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from launcher.service_list import NAMES
from tests.integration.security.bodies import Bodies
from tests.integration.security.foreign import make_each, photo, send_photo
from tests.servers.city import COMMUNITY, DRAIN, City

LOGINS = ("street", "centre", "community", "water", "counter", "hotline", "admin", "resident")
# What the rate limit counts and the moment differ from one answer to the next, whatever is asked for.
VOLATILE = {"date", "ratelimit"}
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture(scope="module")
def foreign(two_cities: tuple[City, City]) -> dict[str, str]:
    return make_each(two_cities[1])


def shown(answer: httpx.Response) -> Answer:
    headers = {name: value for name, value in answer.headers.items() if name not in VOLATILE}
    return answer.status_code, headers, answer.content


def missing(known: str) -> str:
    """An id of the same shape that nobody has."""
    return re.sub("[0-9]", "8", known[:-3]) + "777"


def asked(city: City, login: str, verb: str, path: str, body: Any = None, **query: Any) -> Answer:
    headers = {"X-Correlation-ID": "the-same", "Idempotency-Key": "the-same"}
    return shown(city.http(login).request(verb, path, json=body, params=query, headers=headers))


def operations_on(document: dict[str, Any], parameter: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Verb, path and description of each operation that names such a thing in its path."""
    return [
        (verb.upper(), path, operation)
        for path, verbs in document["paths"].items()
        for verb, operation in verbs.items()
        if f"{{{parameter}}}" in path
    ]


def query_of(operation: dict[str, Any]) -> set[str]:
    return {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}


@pytest.mark.parametrize(
    "parameter",
    ["case", "photo", "ticket", "receipt", "deliberation", "mediation", "article", "callback", "division", "grid",
     "unit", "user", "post", "assignment", "estate", "building", "entry", "rule"],
)  # fmt: skip
def test_no_operation_tells_another_citys_thing_from_one_that_does_not_exist(
    city: City, foreign: dict[str, str], parameter: str
) -> None:
    document = city.client().get("/v1/openapi.json").json()
    bodies = Bodies(document)
    operations = operations_on(document, parameter)
    assert operations
    for verb, path, operation in operations:
        path = re.sub(r"{(number|item)}", "1", path)
        body, query = bodies.of(operation), bodies.query(operation)
        for login in LOGINS:
            real = asked(city, login, verb, path.replace(f"{{{parameter}}}", foreign[parameter]), body, **query)
            none = asked(
                city, login, verb, path.replace(f"{{{parameter}}}", missing(foreign[parameter])), body, **query
            )
            assert real == none, f"{verb} {path} as {login}"
            if real[0] == 404:
                break
        else:
            assert "limit" in query_of(operation), f"{verb} {path}: nobody came as far as looking for it"


def test_what_was_tried_on_it_left_another_citys_thing_as_it_was(
    two_cities: tuple[City, City], foreign: dict[str, str]
) -> None:
    city, other = two_cities

    def state() -> list[Any]:
        return [
            list(city.site.collections(service)[name].find({"tenant": other.tenant}).sort("_id"))
            for service in NAMES
            for name in sorted(city.site.collections(service).list_collection_names())
            if "." not in name
        ]

    before = state()
    for verb in ("verify", "void", "withdraw"):
        city.post("centre", f"/v1/cases/{foreign['case']}/{verb}", {"reason": "duplicate"})
    city.post("admin", f"/v1/users/{foreign['user']}/disable")
    assert state() == before


@pytest.mark.parametrize("verb", ["GET", "POST"])
def test_a_case_outside_ones_area_answers_like_none(city: City, verb: str) -> None:
    case = city.report().json()["id"]
    path, body = ("", None) if verb == "GET" else ("/verify", {"found": True, "note": "n"})
    assert city.http("community").get(f"/v1/cases/{case}").status_code == 200
    for login in ("next", "water", "neighbour"):
        outside = asked(city, login, verb, f"/v1/cases/{case}{path}", body)
        assert outside == asked(city, login, verb, f"/v1/cases/{missing(case)}{path}", body)
        assert outside[0] == 404


def test_lists_and_counts_hold_ones_own_city_alone(two_cities: tuple[City, City], foreign: dict[str, str]) -> None:
    city, other = two_cities
    city.report()
    for each in (city, other):
        rows = each.http("centre").get("/v1/cases?limit=200").json()["items"]
        mine = {
            row["_id"].partition(":")[2] for row in each.site.collections("cases").cases.find({"tenant": each.tenant})
        }
        assert {row["id"] for row in rows} <= mine
        assert rows
    assert foreign["user"] not in city.http("admin").get("/v1/users?limit=200").text
    assert foreign["unit"] not in city.http("admin").get("/v1/units?limit=200").text


def test_another_citys_case_and_code_follow_nothing(city: City, other: City) -> None:
    made = other.report(confidentiality="anonymous").json()

    def follow(case: str, tenant: str) -> Answer:
        headers = {"Linli-Tenant": tenant, "X-Correlation-ID": "the-same"}
        body = {"case": case, "code": made["code"]}
        return shown(city.client().post("/v1/follow", json=body, headers=headers))

    assert follow(made["id"], other.tenant)[0] == 200
    assert follow(made["id"], city.tenant) == follow(missing(made["id"]), city.tenant)
    assert follow(made["id"], city.tenant)[0] == 404


def test_another_citys_photo_goes_into_no_report(city: City, other: City) -> None:
    theirs = send_photo(other, "resident", photo(), "theirs").json()["id"]
    answers = [city.report(photos=[each]) for each in (theirs, missing(theirs))]
    assert answers[0].status_code == answers[1].status_code in (404, 422)
    assert answers[0].json()["code"] == answers[1].json()["code"]


def test_a_case_merges_into_none_of_another_city(city: City, other: City) -> None:
    theirs, own = other.report().json()["id"], city.report().json()["id"]
    city.said("community", f"/v1/cases/{own}/verify", {"found": True, "note": "n"})
    city.said("street", f"/v1/cases/{own}/register", {"nobody": False})
    answers = [
        asked(city, "street", "POST", f"/v1/cases/{own}/merge", {"into": into}) for into in (theirs, missing(theirs))
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] in (404, 409, 422)


def test_a_place_of_another_city_takes_no_report(city: City, foreign: dict[str, str]) -> None:
    place = {"path": f"{COMMUNITY[:-13]}{foreign['division']}/"}
    refused = city.report(category=DRAIN, place=place)
    assert refused.status_code in (422, 503)  # 503 while it may be one whose event is still on its way
