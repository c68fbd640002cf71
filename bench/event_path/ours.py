"""Contender: our event path, with the relay's pipelined publisher confirms and the batching entrypoint."""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402

from bench.event_path import payload  # noqa: E402
from bench.event_path.contender import Watch, main  # noqa: E402
from chassis.context import Received  # noqa: E402
from chassis.entrypoints.consumer import handles  # noqa: E402
from chassis.envelope import encode  # noqa: E402
from chassis.messaging import amqp  # noqa: E402
from chassis.messaging.names import EVENTS  # noqa: E402
from chassis.run import container_of  # noqa: E402

BATCH = 200


def publish(uri: str, count: int, watch: Watch) -> None:
    _publish(payload.TENANT, uri, count, watch)


def publish_logged(uri: str, count: int, watch: Watch) -> None:
    """As in production: each event also goes to the tenant's log."""
    _publish(payload.LOGGED_TENANT, uri, count, watch)


def _publish(tenant: str, uri: str, count: int, watch: Watch) -> None:
    events = [payload.envelope(number, tenant) for number in range(count)]
    publisher = amqp.Publisher(uri)
    publisher.publish([])
    watch.start()
    for first in range(0, count, BATCH):
        messages = [
            amqp.Message(EVENTS, event.routing_key, encode(event), event.id) for event in events[first : first + BATCH]
        ]
        if publisher.publish(messages):
            raise AssertionError("events were not routed")
    watch.stop(count)


def handle(uri: str, count: int, watch: Watch) -> None:
    class Handler:
        name = "cases"

        @handles(payload.KIND)
        def on_dispatched(self, event: Received) -> None:
            watch.tick(count)

    # The handler stores nothing. The database keeps which types the process handles, as in production.
    container = container_of(Handler, {**os.environ, "AMQP_URI": uri})
    container.start()
    container.wait()


if __name__ == "__main__":
    main(publish, publish_logged, handle)
