"""Permissions in the broker's definitions, as the broker enforces them: who may publish and read what."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker, UnroutableError

from chassis.messaging.tenant_log import declare_tenant_log
from launcher.servers.broker import Broker
from launcher.servers.broker_comparison import missed_by
from launcher.servers.broker_topology import OPERATOR, USERS
from launcher.servers.process import wait_until
from launcher.service_list import NAMES
from tests.servers.machine import Machine, make_broker, started
from tests.servers.site import Site

Channels = Callable[[str], BlockingChannel]
REFUSED = 403


@pytest.fixture
def channel(site: Site) -> Iterator[Channels]:
    """Opens a channel with confirms as one of the broker's users."""
    connections: list[pika.BlockingConnection] = []

    def opened(user: str) -> BlockingChannel:
        connection = pika.BlockingConnection(pika.URLParameters(site.amqp(user)))
        connections.append(connection)
        opened_channel = connection.channel()
        opened_channel.confirm_delivery()
        return opened_channel

    yield opened
    for connection in connections:
        connection.close()


def refused(act: Callable[[], object]) -> bool:
    with pytest.raises(ChannelClosedByBroker) as closed:
        act()
    return bool(closed.value.reply_code == REFUSED)


@pytest.mark.parametrize("key", ["wuhai.org.division.changed.v1", "wuhai.notify.cases.sent.v1", "cases.x"])
def test_a_service_cannot_publish_the_events_of_another(channel: Channels, key: str) -> None:
    assert refused(lambda: channel("cases").basic_publish("linli.events", key, b"{}"))


def test_a_service_publishes_its_own_events_under_any_tenant(channel: Channels) -> None:
    cases = channel("cases")
    org = channel("org")
    org.queue_declare("log.wuhai", durable=True, arguments={"x-queue-type": "stream"})
    org.queue_bind("log.wuhai", "linli.events", "wuhai.#")
    cases.basic_publish("linli.events", "wuhai.cases.case.dispatched.v1", b"{}", mandatory=True)
    with pytest.raises(UnroutableError):
        cases.basic_publish("linli.events", "yaan.cases.case.dispatched.v1", b"{}", mandatory=True)


def test_only_the_gateway_publishes_requests(channel: Channels) -> None:
    for user in (*NAMES, OPERATOR):
        assert refused(lambda user=user: channel(user).basic_publish("linli.requests", "cases", b"{}"))
    channel("gateway").basic_publish("linli.requests", "cases", b"{}", mandatory=True)


def test_the_default_exchange_is_no_way_around(channel: Channels) -> None:
    for user in set(USERS) - {"cases"}:
        assert refused(lambda user=user: channel(user).basic_publish("", "requests.cases", b"{}"))
        assert refused(lambda user=user: channel(user).basic_publish("", "cases", b"{}"))


def test_a_service_publishes_only_its_own_state_for_a_resync(channel: Channels) -> None:
    channel("org").basic_publish("linli.resync", "cases.wuhai.org.grid.changed.v1", b"{}", mandatory=True)
    assert refused(lambda: channel("cases").basic_publish("linli.resync", "cases.wuhai.org.grid.changed.v1", b"{}"))


def test_a_service_reads_only_its_own_queues(channel: Channels) -> None:
    assert channel("cases").basic_get("requests.cases")[0] is None
    for queue in ("requests.org", "org", "org.parked", "cases.parked"):
        assert refused(lambda queue=queue: channel("cases").basic_get(queue))


def test_nobody_but_org_makes_a_tenants_log_and_services_do_not_read_it(channel: Channels) -> None:
    arguments = {"x-queue-type": "stream"}
    for user in set(USERS) - {"org"}:
        assert refused(lambda user=user: channel(user).queue_declare("log.x", durable=True, arguments=arguments))
    channel("org").queue_declare("log.x", durable=True, arguments=arguments)
    consumer = channel("cases")
    consumer.basic_qos(prefetch_count=1)
    assert refused(lambda: consumer.basic_consume("log.x", lambda *_: None))


def test_a_service_cannot_listen_to_replies(channel: Channels) -> None:
    assert refused(lambda: channel("cases").queue_bind("cases", "linli.replies", "anything"))


def test_a_message_waits_in_its_retry_queue_and_returns_to_the_service(channel: Channels) -> None:
    cases = channel("cases")
    cases.basic_publish("cases.again", "retry.1", b"again", mandatory=True)
    assert cases.basic_get("cases")[0] is None
    bodies: list[bytes] = []

    def returned() -> bool:
        method, _, body = cases.basic_get("cases", auto_ack=True)
        bodies.extend([body] if method else [])
        return bool(bodies)

    assert wait_until(returned, 60)
    assert bodies == [b"again"]


def test_what_is_delivered_too_often_is_parked(channel: Channels) -> None:
    channel("org").basic_publish("linli.resync", "cases.wuhai.org.grid.changed.v1", b"poison")
    cases, operator = channel("cases"), channel("operator")

    def parked() -> bool:
        method = cases.basic_get("cases")[0]
        if method:
            cases.basic_nack(method.delivery_tag, requeue=True)
        return bool(operator.basic_get("cases.parked", auto_ack=True)[2] == b"poison")

    assert wait_until(parked, 60)


def test_importing_the_definitions_again_changes_nothing(site: Site) -> None:
    before = _shape(site.broker, site.name)
    site.broker.import_definitions(site.name)
    assert _shape(site.broker, site.name) == before


# What may be missing, how to make it so, and whose events are lost with it.
LACKING: list[tuple[tuple[str, ...], tuple[str, ...], set[str]]] = [
    (("queue", "cases"), ("delete_queue", "cases"), {"cases"}),
    (("queue", "org.retry.1"), ("delete_queue", "org.retry.1"), {"org"}),
    (("queue", "requests.org"), ("delete_queue", "requests.org"), set()),
    (("policy", "cases"), ("clear_policy", "cases"), set()),
    (("policy", "log"), ("set_policy", "--apply-to", "queues", "log", "^log", '{"max-age": "1D"}'), set()),
    (("permission", "gateway"), ("set_permissions", "gateway", ".*", ".*", ".*"), set()),
    (("topic permission", "org", "linli.events"), ("clear_topic_permissions", "org"), set()),
    (("user", "org"), ("change_password", "org", "another"), set()),
    (("user", "cases"), ("delete_user", "cases"), set()),
    (("log", "wuhai"), ("delete_queue", "log.wuhai"), set()),
]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker with the log of a city, from which a test may take something, if it gives it back."""
    with started(make_broker(tmp_path_factory.mktemp("node"))) as machine:
        declare_tenant_log(machine.server.uri("org"), "wuhai")
        yield machine.server


@pytest.mark.parametrize(("missing", "command", "services"), LACKING, ids=lambda each: " ".join(map(str, each)))
def test_a_broker_says_what_it_lacks_and_gets_it(
    node: Broker, missing: tuple[str, ...], command: tuple[str, ...], services: set[str]
) -> None:
    assert node.lacking(["wuhai"]) == []
    node.control(*command)
    found = node.lacking(["wuhai"])
    assert missing in found
    assert missed_by(found) == services
    node.import_definitions()
    declare_tenant_log(node.uri("org"), "wuhai")
    assert node.lacking(["wuhai"]) == []


def test_a_broker_whose_data_was_deleted_says_so_until_that_is_noted(own_broker: Machine[Broker]) -> None:
    broker = own_broker.server
    assert not broker.has_lost_its_data
    own_broker.kill()
    own_broker.start()
    assert not broker.has_lost_its_data
    own_broker.kill()
    shutil.rmtree(broker.folder / "data")
    own_broker.start()
    assert broker.has_lost_its_data
    assert Broker(broker.folder, broker.ports, broker.passwords).has_lost_its_data
    broker.loss_is_noted()
    assert not broker.has_lost_its_data


def _shape(broker: Broker, vhost: str) -> list[object]:
    kinds = ("bindings", "exchanges", "policies", "permissions", "topic-permissions")
    found = [broker.call("GET", f"/api/{kind}/{vhost}" if "perm" not in kind else f"/api/{kind}") for kind in kinds]
    queues = broker.call("GET", f"/api/queues/{vhost}?disable_stats=true&enable_queue_totals=true")
    return [*found, sorted(f"{queue['name']} {queue.get('policy')} {queue['arguments']}" for queue in queues)]
