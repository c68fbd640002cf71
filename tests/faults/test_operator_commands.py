"""The operator's own commands on a running city: parked messages, and copies that were lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pika
import pytest

from chassis.envelope import Envelope, encode
from chassis.ids import uuid7
from chassis.messaging.names import HANDLER, KEY, REASON, TRIES
from chassis.persistence.aggregate import Replica
from launcher import __main__ as linli
from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from services.cases.directory import replicas
from tests.servers.city import City, start
from tests.servers.site import Site

Command = Callable[..., list[str]]


@pytest.fixture(scope="module")
def city(broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    site = Site(broker, database, keys, tmp_path_factory.mktemp("operator"))
    try:
        start(site)
        city = City(site, "wuhai").opened()
        yield city
        city.sign_out()
    finally:
        site.remove()


@pytest.fixture
def command(city: City, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Command:
    """Runs `./linli …` on the city's site; the lines that it prints."""
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    monkeypatch.setenv("AMQP_URI", city.site.amqp("operator"))
    monkeypatch.setenv("LINLI_OPERATOR_KEY_FILE", str(city.site.keys.operator))

    def run(*words: str, code: int = 0) -> list[str]:
        assert linli.main(list(words)) == code
        return capsys.readouterr().out.splitlines()

    return run


@pytest.fixture
def park(city: City) -> Iterator[Callable[..., None]]:
    """Puts an event among the parked ones of cases, as its bus does."""
    connection = pika.BlockingConnection(pika.URLParameters(city.site.amqp("operator")))
    channel = connection.channel()
    channel.confirm_delivery()

    def put(event: Envelope) -> None:
        headers = {KEY: event.routing_key, REASON: "ValueError", HANDLER: "on_place", TRIES: 7}
        properties = pika.BasicProperties(headers=headers, delivery_mode=2, message_id=event.id)
        channel.basic_publish("cases.again", "parked", encode(event), properties, mandatory=True)

    yield put
    connection.close()


def place_event(city: City) -> Envelope:
    return next(each for each in reversed(city.events()) if each.type == "linli.org.division.changed.v1")


def copies_of(city: City) -> dict[str, list[dict[str, Any]]]:
    models = [model for model in vars(replicas).values() if isinstance(model, type) and issubclass(model, Replica)]
    names = sorted(model._get_collection_name() for model in models if model is not Replica)
    rows = city.site.collections("cases")
    return {name: list(rows[name].find({"tenant": city.tenant}).sort("_id")) for name in names}


def test_a_parked_message_is_listed_with_why_and_replayed_once(
    city: City, command: Command, park: Callable[..., None]
) -> None:
    event = place_event(city)
    places = city.site.collections("cases").places
    kept = places.find_one_and_delete({"_id": f"{city.tenant}:{event.subject}"})
    park(event)
    for _ in range(2):
        line, count = command("parked", "list")
        assert all(word in line for word in ("cases", event.id, event.routing_key, "ValueError in on_place, 7 tries"))
        assert count == "1 message"
    assert command("parked", "replay", "--id", event.id)[-1] == "1 message replayed"
    city.wait(lambda: places.find_one({"_id": f"{city.tenant}:{event.subject}"}) == kept)
    assert command("parked", "list") == ["0 messages"]


def test_messages_that_still_fail_are_put_back_once_and_parked_again_and_the_rest_goes_on(
    city: City, command: Command
) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(city.site.amqp("org")))
    key = f"cases.{city.tenant}.org.division.changed.v1"
    channel = connection.channel()
    channel.confirm_delivery()  # or a few are lost now and then, as the connection closes
    # So many that the first is parked again before the last is put back.
    for _ in range(50):
        channel.basic_publish("linli.resync", key, b"{poison", pika.BasicProperties(delivery_mode=2))
    connection.close()
    city.wait(lambda: command("parked", "list")[-1] == "50 messages")
    assert command("parked", "replay")[-1] == "50 messages replayed"
    city.wait(lambda: command("parked", "list")[-1] == "50 messages")
    assert city.report().status_code == 201
    assert command("parked", "drop", "--all")[-1] == "50 messages dropped"
    assert command("parked", "list") == ["0 messages"]


def test_dropping_takes_a_name_or_all_and_leaves_the_others(
    city: City, command: Command, park: Callable[..., None]
) -> None:
    first = place_event(city)
    second = msgspec.structs.replace(first, id=uuid7())
    park(first)
    park(second)
    command("parked", "drop", code=1)
    assert command("parked", "drop", "--id", first.id)[-1] == "1 message dropped"
    line, _ = command("parked", "list", "--service", "cases")
    assert second.id in line
    assert command("parked", "list", "--service", "org") == ["0 messages"]
    command("parked", "drop", "--all", "--service", "cases")


def test_a_service_that_lost_its_copies_gets_them_all_back(city: City, command: Command) -> None:
    before = copies_of(city)
    assert all(before[name] for name in ("places", "units", "list_entries", "assignments", "tenant_settings")), before
    rows = city.site.collections("cases")
    for name in before:
        rows[name].delete_many({"tenant": city.tenant})
    city.site.advance(timedelta(seconds=6))
    assert city.report().status_code in (422, 503)
    said = command("resync", "cases", "--tenant", city.tenant, "--url", city.site.url)
    assert re.fullmatch(r"org: [1-9]\d* events sent to cases", said[0])
    city.wait(lambda: copies_of(city) == before)
    assert city.report().status_code == 201


@pytest.mark.parametrize("tenant", ["nosuch", "T"])
@pytest.mark.parametrize("words", [["resync", "cases"], ["import-cases", "x.csv"], ["import-divisions", "x.csv"]])
def test_a_city_that_was_never_opened_is_named_and_nothing_is_said_to_be_done(
    city: City, command: Command, capsys: pytest.CaptureFixture[str], words: list[str], tenant: str
) -> None:
    assert linli.main([*words, "--tenant", tenant, "--url", city.site.url]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"There is no city {tenant!r} at {city.site.url};")
