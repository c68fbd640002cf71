"""Personal data and secrets stay where they belong: not in logs, events, metrics, the broker or a database in clear."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from chassis.envelope import encode
from launcher.servers.processes import PARTS
from launcher.service_list import NAMES
from tests.servers.city import COMMUNITY, DRAIN, PASSWORD, WATER, City
from tests.unit.residents.samples import number_of

NAME, PHONE, ADDRESS = "欧阳青岚", "13947312345", "双河路七十七号三单元"
TEXT, NOTE, MINUTES = "邻居老人独居多日未出门", "当事人说已联系其女儿", "双方同意分期付款五千元"
DOOR, NUMBER = "双河巷九号院西厢房", number_of(date(1943, 7, 19))
PERSONAL = (NAME, PHONE, ADDRESS, TEXT, NOTE, MINUTES, DOOR, NUMBER, "1943-07-19")
WRONG_PASSWORD = "a wrong password, quite long"


@pytest.fixture(scope="module")
def walked(two_cities: tuple[City, City]) -> City:
    """A city in which people have said what must not get about."""
    city = two_cities[0]
    _walk_a_case(city)
    _ask_the_desks(city)
    _record_people(city)
    _go_wrong(city)
    city.wait(lambda: all(map(city.site.published, NAMES)))
    return city


def _walk_a_case(city: City) -> None:
    place = {"path": COMMUNITY, "lon": 106.81, "lat": 39.66, "address": ADDRESS}
    reporter = {"name": NAME, "phone": PHONE}
    made = city.report(login="hotline", place=place, text=TEXT, reporter=reporter, category=DRAIN)
    assert made.status_code == 201, made.text
    case = f"/v1/cases/{made.json()['id']}"
    city.said("community", f"{case}/verify", {"found": True, "note": NOTE})
    city.said("street", f"{case}/register", {"party": reporter})
    city.said("centre", f"{case}/dispatch", {"lead": WATER})
    me = city.http("water").get("/v1/me").json()["id"]
    city.said("water", f"{case}/accept", {"handler": me})
    city.said("water", f"{case}/start")
    city.said("water", f"{case}/contact", {"note": NOTE})
    city.said("water", f"{case}/comments", {"text": TEXT})
    city.said("water", f"{case}/resolve", {"outcome": "solved", "note": NOTE})
    shown = city.http("community").get(case).text
    assert found_in(shown, (TEXT, NAME)) == [TEXT, NAME], "the walk did not leave what is looked for"


def _ask_the_desks(city: City) -> None:
    city.said("hotline", "/v1/hotline/calls", {"outcome": "answered", "phone": PHONE, "note": NOTE})
    city.said("hotline", "/v1/hotline/callbacks", {"phone": PHONE})
    visit = {
        "area": COMMUNITY,
        "services": [{"service": "card", "unit": WATER}],
        "name": NAME,
        "phone": PHONE,
        "note": NOTE,
    }
    city.said("counter", "/v1/tickets", visit)
    people = [
        {"person": f"p-{n}", "capacity": each, "name": NAME} for n, each in enumerate(("party", "party", "mediator"))
    ]
    opening = {"area": COMMUNITY, "category": "dispute.property.fees", "topic": TEXT, "participants": people}
    city.said("community", "/v1/mediations", opening)
    soon = (city.site.now + timedelta(hours=1)).isoformat()
    four = [{"kind": kind} for kind in ("community", "owners", "property", "residents")]
    talk = {"kind": "four_party", "area": COMMUNITY, "topic": MINUTES, "at": soon, "invitees": four}
    city.said("community", "/v1/deliberations", talk)
    person = {"login": "ouyang", "password": PASSWORD, "name": NAME, "phone": PHONE}
    city.said("admin", "/v1/users", person)


def _record_people(city: City) -> None:
    dwelling = city.said("community", "/v1/dwellings", {"area": COMMUNITY, "door": DOOR})["id"]
    household = city.said("community", "/v1/households", {"dwelling": dwelling})["id"]
    person = {"household": household, "name": "何小满"}
    first, other = (f"/v1/residents/{city.said('community', '/v1/residents', person)['id']}" for _ in range(2))
    truth = {"name": NAME, "identity_number": NUMBER, "phone": PHONE, "why": NOTE}
    city.said("community", f"{first}/correct", truth)
    again = city.post("community", "/v1/residents", person | {"name": NAME, "identity_number": NUMBER})
    assert again.json()["code"] == "resident.known"
    city.said("community", f"{other}/merge", {"into": first.rpartition("/")[2], "why": NOTE})
    opened = city.said("community", f"{first}/open", {"purpose": "care", "reason": "独居老人走访"})
    assert (opened["name"], opened["identity_number"], opened["birthday"]) == (NAME, NUMBER, "1943-07-19")
    for by, value in (("name", NAME), ("phone", PHONE), ("identity_number", NUMBER)):
        assert city.said("community", "/v1/residents/search", {"by": by, "value": value})["items"]
    city.said("community", f"{first}/death", {"on": "2026-01-05"})


def _go_wrong(city: City) -> None:
    """What is refused must not get into a log by way of its refusal."""
    city.client().post("/v1/sessions", json={"tenant": city.tenant, "login": NAME, "password": WRONG_PASSWORD})
    for body in (
        {"category": NAME},
        {"text": TEXT * 200},
        {"place": {"path": ADDRESS}},
        {"photos": [NAME]},
        {NAME: PHONE},
    ):
        assert city.report(**body).status_code == 422
    wrong = {"household": "nowhere", "name": NAME, "identity_number": NUMBER[:-1], "phone": PHONE}
    assert city.post("community", "/v1/residents", wrong).status_code == 422
    city.post("community", "/v1/residents/search", {"by": "identity_number", "value": NUMBER[::-1]})
    city.http("centre").get("/v1/cases", params={"unit": PHONE})
    city.http("centre").get(f"/v1/cases/{PHONE}")
    city.post("hotline", f"/v1/cases/{PHONE}/urge", {"person": NAME})


def logs_of(city: City) -> dict[str, str]:
    return {file.name: file.read_text() for file in Path(city.site.folder).glob("*.log")}


def found_in(text: str, words: tuple[str, ...]) -> list[str]:
    """The words in it, written as they are or with JSON's escapes."""
    return [word for word in words if word in text or json.dumps(word)[1:-1] in text]


def test_no_log_holds_personal_data(walked: City) -> None:
    logs = logs_of(walked)
    assert len(logs) == len(PARTS)
    for name, text in logs.items():
        assert not found_in(text, (*PERSONAL, WRONG_PASSWORD, PASSWORD)), name


def test_no_log_holds_a_secret(walked: City) -> None:
    keys = walked.site.keys
    secrets = [file.read_text().strip() for file in keys.folder.iterdir() if file.suffix != ".pub"]
    secrets += [walked.site.amqp(user) for user in PARTS]
    secrets += [*walked.site.broker.passwords.values()]
    secrets += [walked.http(login).headers["authorization"] for login in ("centre", "hotline")]
    for name, text in logs_of(walked).items():
        assert not found_in(text, tuple(secrets)), name
        assert "eyJ" not in text, f"{name} holds a token"


def test_no_event_holds_personal_data(walked: City) -> None:
    events = walked.events()
    assert {"linli.cases.case.resolved.v1", "linli.org.user.changed.v1"} & {event.type for event in events}
    for event in events:
        assert not found_in(encode(event).decode(), PERSONAL), event.type


#: They name the city, of which they show a bounded number.
BY_CITY = ("linli_open_cases{", "linli_overdue_cases{", "linli_residents{", "linli_open_reading_alerts{")


def test_no_metric_holds_personal_data_and_few_name_a_city(walked: City) -> None:
    for running in walked.site.started:
        with urllib.request.urlopen(running.part.ops_url + "/metrics") as answer:
            text = answer.read().decode()
        assert "linli_" in text
        assert not found_in(text, PERSONAL), running.part.name
        assert all(line.startswith(BY_CITY) for line in text.splitlines() if walked.tenant in line), running.part.name


def everything(city: City) -> Iterator[tuple[str, dict[str, Any]]]:
    for service in NAMES:
        rows = city.site.collections(service)
        for name in rows.list_collection_names():
            for row in rows[name].find({}):
                yield f"{service}.{name}", row


def test_no_database_holds_personal_data_in_clear(walked: City) -> None:
    for place, row in everything(walked):
        assert not found_in(str(row), (*PERSONAL, PASSWORD)), place


def test_the_audit_log_holds_ids_alone(walked: City) -> None:
    entries = [row for place, row in everything(walked) if place.endswith(".audit")]
    assert entries
    assert not any(found_in(str(entry), PERSONAL) for entry in entries)
