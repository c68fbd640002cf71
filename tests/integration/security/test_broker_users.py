"""Each of the broker's users against each queue and exchange: what is not in the table is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, ProbableAccessDeniedError, ProbableAuthenticationError

from launcher.servers.broker import Broker
from launcher.servers.broker_topology import USERS
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from launcher.service_list import NAMES
from tests.servers.site import Site

EVENT, STATE = "wuhai.{}.thing.changed.v1", "cases.wuhai.{}.thing.changed.v1"
READS = {
    **{service: {service, f"requests.{service}"} for service in NAMES},
    "gateway": set(),
    "operator": {f"{service}.parked" for service in NAMES},
}
PUBLISHES = {("operator", "linli.audit", "")}
for _service in NAMES:
    PUBLISHES |= {
        (_service, "linli.events", EVENT.format(_service)),
        (_service, "linli.resync", STATE.format(_service)),
        (_service, f"{_service}.again", "parked"),
        (_service, "linli.replies", "replies.x"),
        (_service, "linli.audit", ""),
        ("operator", f"{_service}.again", "parked"),
        ("gateway", "linli.requests", _service),
    }
EXCHANGES = sorted({(exchange, key) for _, exchange, key in PUBLISHES})
QUEUES = [
    queue for service in NAMES for queue in (service, f"requests.{service}", f"{service}.parked", f"{service}.retry.1")
]


@pytest.fixture(scope="module")
def installation(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    site = Site(broker, database, keys, tmp_path_factory.mktemp("users"))
    yield site
    site.remove()


@pytest.fixture(params=USERS)
def user(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def open_channel(installation: Site, user: str) -> Iterator[Callable[[], BlockingChannel]]:
    """A refusal closes the channel, so each attempt has its own."""
    connection = pika.BlockingConnection(pika.URLParameters(installation.amqp(user)))
    yield connection.channel
    connection.close()


def allowed(act: Callable[[], object]) -> bool:
    """False where the broker refuses; anything else that it says against it is a defect of the test."""
    try:
        act()
    except ChannelClosedByBroker as closed:
        if closed.reply_code != 403:
            raise
        return False
    return True


def test_a_user_reads_its_own_queues_and_no_other(open_channel: Callable[[], BlockingChannel], user: str) -> None:
    read = {queue for queue in QUEUES if allowed(lambda queue=queue: open_channel().basic_get(queue))}  # type: ignore[misc]
    assert read == READS[user]


def test_a_user_publishes_its_own_and_nothing_else(open_channel: Callable[[], BlockingChannel], user: str) -> None:
    def publish(exchange: str, key: str) -> None:
        channel = open_channel()
        channel.confirm_delivery()
        channel.basic_publish(exchange, key, b"{}")

    published = {each for each in EXCHANGES if allowed(lambda each=each: publish(*each))}  # type: ignore[misc]
    assert published == {(exchange, key) for who, exchange, key in PUBLISHES if who == user}


@pytest.mark.parametrize(
    ("exchange", "key"),
    [
        ("linli.requests", "org"),
        ("linli.replies", "#"),
        ("linli.resync", "#"),
        ("linli.resync", "org.#"),
        ("linli.resync", "*.#"),
        ("linli.audit", ""),
        ("org.again", "again"),
    ],
)
def test_a_service_listens_in_on_nothing_but_events(installation: Site, exchange: str, key: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(installation.amqp("cases"))) as connection:
        assert allowed(lambda: connection.channel().queue_bind("cases", "linli.events", "*.org.grid.changed.v1"))
        assert allowed(lambda: connection.channel().queue_bind("cases", "linli.resync", "cases.#"))
        assert not allowed(lambda: connection.channel().queue_bind("cases", exchange, key))
        assert not allowed(lambda: connection.channel().queue_bind("requests.org", "linli.events", "#"))


def test_nobody_makes_or_removes_what_the_definitions_made_but_its_own_queue(
    open_channel: Callable[[], BlockingChannel], user: str
) -> None:
    other = "org" if user == "cases" else "cases"
    for act in (
        lambda: open_channel().queue_delete(other),
        lambda: open_channel().queue_delete(f"requests.{user}"),
        lambda: open_channel().queue_delete(f"{user}.parked"),
        lambda: open_channel().queue_delete(f"{user}.retry.1"),
        lambda: open_channel().queue_declare("own", durable=True),
        lambda: open_channel().exchange_delete("linli.events"),
        lambda: open_channel().exchange_declare("own"),
    ):
        assert not allowed(act)


def test_the_replies_to_one_gateway_are_read_by_no_other_connection(installation: Site) -> None:
    uri = pika.URLParameters(installation.amqp("gateway"))
    with pika.BlockingConnection(uri) as one, pika.BlockingConnection(uri) as other:
        one.channel().queue_declare("replies.one", exclusive=True)
        with pytest.raises(ChannelClosedByBroker) as locked:
            other.channel().basic_get("replies.one")
        assert locked.value.reply_code == 405


def test_who_is_not_in_the_definitions_does_not_come_in(installation: Site) -> None:
    installation.broker.call("PUT", "/api/users/stranger", {"password": "a known one", "tags": ""})
    port = installation.broker.ports.amqp
    try:
        with pytest.raises(ProbableAccessDeniedError):
            pika.BlockingConnection(
                pika.URLParameters(f"amqp://stranger:a known one@127.0.0.1:{port}/{installation.name}")
            )
        with pytest.raises(ProbableAuthenticationError):
            pika.BlockingConnection(pika.URLParameters(f"amqp://cases:guessed@127.0.0.1:{port}/{installation.name}"))
    finally:
        installation.broker.call("DELETE", "/api/users/stranger")
