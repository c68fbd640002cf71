"""nameko as it comes: `EventDispatcher` (persistent, one confirm for each event) and `event_handler`."""

import eventlet

eventlet.monkey_patch()

import json  # noqa: E402

from kombu import Connection, Exchange, Queue  # noqa: E402
from nameko import config  # noqa: E402
from nameko.containers import ServiceContainer  # noqa: E402
from nameko.events import event_handler  # noqa: E402
from nameko.standalone.events import event_dispatcher  # noqa: E402

from bench.event_path import payload  # noqa: E402
from bench.event_path.contender import Watch, main  # noqa: E402
from chassis.events import encode  # noqa: E402


def publish(uri: str, count: int, watch: Watch) -> None:
    config.update({"AMQP_URI": uri})
    events = [json.loads(encode(payload.envelope(number))) for number in range(count)]
    _declare(uri)
    dispatch = event_dispatcher()
    watch.start()
    for event in events:
        dispatch(payload.NAMEKO_SOURCE, payload.KIND, event)
    watch.stop(count)


def _declare(uri: str) -> None:
    """The handler's own queue, so that what is published waits in it."""
    exchange = Exchange(f"{payload.NAMEKO_SOURCE}.events", type="topic", durable=True)
    with Connection(uri) as connection:
        Queue(payload.NAMEKO_QUEUE, exchange, routing_key=payload.KIND, durable=True)(connection.channel()).declare()


def handle(uri: str, count: int, watch: Watch) -> None:
    config.update({"AMQP_URI": uri})

    class Handler:
        name = payload.NAMEKO_SERVICE

        @event_handler(payload.NAMEKO_SOURCE, payload.KIND)
        def on_dispatched(self, event: object) -> None:
            watch.tick(count)

    container = ServiceContainer(Handler)
    container.start()
    container.wait()


if __name__ == "__main__":
    main(publish, handle)
