"""Contender: stock nameko, with `EventDispatcher` (persistent, one confirm per event) and `event_handler`.

Its default queue is classic; a quorum queue gives the same guarantees as the others.
"""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402
from typing import Any  # noqa: E402

from kombu import Connection, Exchange, Queue  # noqa: E402
from nameko import config  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import EventHandler, event_handler  # noqa: E402
from nameko.standalone.events import event_dispatcher  # noqa: E402

from bench.event_path import payload  # noqa: E402
from bench.event_path.contender import Watch, main  # noqa: E402
from chassis.envelope import encode  # noqa: E402

QUORUM = {"x-queue-type": "quorum"}


class QuorumHandler(EventHandler):  # type: ignore[misc]  # nameko has no types
    def setup(self) -> None:
        super().setup()
        self.queue.queue_arguments = QUORUM


def publish(uri: str, count: int, watch: Watch) -> None:
    _publish(payload.NAMEKO_QUORUM, QUORUM, uri, count, watch)


def publish_classic(uri: str, count: int, watch: Watch) -> None:
    _publish(payload.NAMEKO_CLASSIC, {}, uri, count, watch)


def handle(uri: str, count: int, watch: Watch) -> None:
    _handle(payload.NAMEKO_QUORUM, QuorumHandler.decorator, uri, count, watch)


def handle_classic(uri: str, count: int, watch: Watch) -> None:
    _handle(payload.NAMEKO_CLASSIC, event_handler, uri, count, watch)


def _publish(service: str, arguments: dict[str, str], uri: str, count: int, watch: Watch) -> None:
    config.update({"AMQP_URI": uri})
    events = [json.loads(encode(payload.envelope(number))) for number in range(count)]
    # The handler's queue, so that published events wait in it.
    exchange = Exchange(f"{service}.events", type="topic", durable=True)
    with Connection(uri) as connection:
        queue = Queue(payload.nameko_queue(service), exchange, payload.KIND, queue_arguments=arguments)
        queue(connection.channel()).declare()
    dispatch = event_dispatcher()
    watch.start()
    for event in events:
        dispatch(service, payload.KIND, event)
    watch.stop(count)


def _handle(service: str, handler: Any, uri: str, count: int, watch: Watch) -> None:
    config.update({"AMQP_URI": uri})

    class Handler:
        name = service

        @handler(service, payload.KIND)
        def on_dispatched(self, event: object) -> None:
            watch.tick(count)

    container = ServiceContainer(Handler)
    container.start()
    container.wait()


if __name__ == "__main__":
    main(publish, publish_classic, handle, handle_classic)
