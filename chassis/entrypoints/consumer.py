"""Event consumer of a service: one quorum queue, batches, retries with backoff, parking (dead letters), draining."""

from __future__ import annotations

import functools
import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import eventlet
from amqp import spec as amqp_spec
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint, SharedExtension
from nameko.timer import timer

from chassis import metrics
from chassis.clock import SystemClock
from chassis.context import Received
from chassis.entrypoints.bindings import Bindings
from chassis.entrypoints.delivery import Batch, Delivery
from chassis.entrypoints.leases import Leases
from chassis.entrypoints.own_queue import OwnQueue
from chassis.entrypoints.reconnecting import consume_until
from chassis.entrypoints.retries import LONGEST_ABSENCE, detour_message, retry_message
from chassis.envelope import Event
from chassis.messaging import amqp
from chassis.process.runtime import runtime_of

log = logging.getLogger(__name__)
BATCH = 200

every = functools.partial(timer, eager=False)
"""Timer: `@every(interval=5)` runs a method in every process; conditional writes must make it take effect once."""


class EventConsumer(SharedExtension):  # type: ignore[misc]
    """Consumes the queue of the service; shared by all its event handlers.

    A service without handlers has one too: its queue may still be bound to what it handled before.
    """

    def __init__(self) -> None:
        super().__init__()
        self._handlers: dict[str, list[Handler]] = defaultdict(list)
        self._connection: Any = None
        self._channel: Any = None
        self._arrived: list[Delivery] = []
        self._prefetch = 0
        self._tag: Any = None
        self._stopping = False
        self._stopped = Signal()
        self._told: set[tuple[str, str]] = set()

    def setup(self) -> None:
        self._runtime = runtime_of(self.container)
        self._queue = self._runtime.settings.service
        self._retry_publisher = amqp.Publisher(self._runtime.settings.amqp_uri)
        self._runtime.health.expect("consumer")

    def register(self, handler: Handler) -> None:
        for kind in handler.types:
            self._handlers[kind].append(handler)

    def start(self) -> None:
        self._lag = self._runtime.data.event_lag
        database, uri = self._runtime.collections.database(), self._runtime.settings.amqp_uri
        # Not the service's clock: a shifted clock would make the leases of all other processes look expired.
        self._leases = Leases(database["bindings"], self._handlers, SystemClock())
        self._bindings = Bindings(self._leases, self._queue, uri)
        self._own_queue = OwnQueue(self._queue, database["broker"])
        self.container.spawn_managed_thread(self._run, identifier="consumer")
        self.container.spawn_managed_thread(self._bindings.maintain, identifier="bindings")

    def stop(self) -> None:
        """Drains: finishes and acknowledges the current batch before the connection closes."""
        self._stopping = True
        self._bindings.stop()
        self._stopped.wait()

    def _run(self) -> None:
        consume_until(lambda: self._stopping, self._consume, "consumer", self._runtime.health)
        self._retry_publisher.close()
        self._stopped.send(True)

    def _consume(self) -> None:
        self._connection = amqp.connect(self._runtime.settings.amqp_uri)
        try:
            self._consume_connected()
            amqp.close(self._connection)
        finally:
            self._connection.collect()

    def _consume_connected(self) -> None:
        self._channel = self._connection.channel()
        self._own_queue.restore(self._connection)
        self._bindings.bind(self._channel)
        self._own_queue.mark(self._connection)
        self._arrived = []
        self._runtime.health.up("consumer")
        self._wait_for_database()
        # One message at a time until the first one shows that no crash has left messages to be redelivered.
        self._start_consuming(1)
        while not self._stopping:
            if self._wait_for_messages():
                self._process(self._take())
        self._cancel()
        self._process(self._take())

    def _take(self) -> list[Delivery]:
        taken, self._arrived = self._arrived, []
        return taken

    def _wait_for_messages(self) -> bool:
        self._connection.heartbeat_tick()
        self._retry_publisher.beat()
        # Some may have arrived while a change of the prefetch waited for its reply.
        if not self._arrived and not amqp.drain(self._connection, 1.0):
            self._lag.queue_is_empty()
            return False
        while len(self._arrived) < BATCH and amqp.drain(self._connection, 0):
            pass
        return bool(self._arrived)

    def _process(self, deliveries: list[Delivery]) -> None:
        if any(delivery.redelivered for delivery in deliveries) and self._prefetch > 1:
            self._isolate(deliveries)
        elif deliveries:
            self._run_batch(deliveries)

    def _run_batch(self, deliveries: list[Delivery]) -> None:
        worker = eventlet.spawn(self._handle, deliveries)
        while not worker.dead:
            # Send heartbeats while a long batch runs.
            with eventlet.Timeout(5, False):
                worker.wait()
            self._connection.heartbeat_tick()
            amqp.drain(self._connection, 0)
        worker.wait()  # it may have ended by an error while the heartbeat went out: then nothing is acknowledged
        self._count_handled(deliveries)
        self._send_back(deliveries)
        self._note_lag(deliveries)
        if any(delivery.is_without_database for delivery in deliveries) and not self._runtime.collections.answers():
            self._pause(deliveries)
            return
        if self._prefetch == 1 and not deliveries[-1].redelivered:
            # Before the acknowledgement, or the next message would already be on its way to the cancelled consumer
            # and come back as redelivered.
            self._cancel()
            self._start_consuming(2 * BATCH)
        self._channel.basic_ack(deliveries[-1].tag, multiple=True)

    def _pause(self, deliveries: list[Delivery]) -> None:
        """Circuit breaker: puts back what has arrived, untried, and takes nothing until the database answers."""
        self._cancel()
        arrived = self._take()
        for delivery in arrived:
            delivery.is_left = True
        self._send_back(arrived)
        self._channel.basic_ack([*deliveries, *arrived][-1].tag, multiple=True)
        self._wait_for_database()
        self._start_consuming(1)

    def _wait_for_database(self) -> None:
        with metrics.paused.track_inprogress():
            while not self._stopping and not self._runtime.collections.answers():
                self._connection.heartbeat_tick()
                self._retry_publisher.beat()
                amqp.drain(self._connection, 1.0)

    def _isolate(self, deliveries: list[Delivery]) -> None:
        """Poison message handling: one of these may have crashed a process, so requeue all and take them one by one."""
        self._cancel()
        last = max(delivery.tag for delivery in [*deliveries, *self._take()])
        # py-amqp has no method for RabbitMQ's nack: (tag, multiple, requeue).
        self._channel.send_method(amqp_spec.Basic.Nack, "Lbb", (last, True, True))
        # Only after the requeue, so that requeued messages come first; a new one would end the one-by-one mode.
        self._start_consuming(1)

    def _start_consuming(self, prefetch: int) -> None:
        # Quorum queues ignore a prefetch for the channel, and a consumer's own is fixed when it starts.
        self._channel.basic_qos(0, prefetch, False)
        self._tag = self._channel.basic_consume(self._queue, callback=self._on_message)
        self._prefetch = prefetch

    def _cancel(self) -> None:
        self._channel.basic_cancel(self._tag)

    def _on_message(self, message: Any) -> None:
        self._arrived.append(Delivery(message))

    def _handle(self, deliveries: list[Delivery]) -> None:
        work: dict[Handler, list[Delivery]] = defaultdict(list)
        unhandled: list[Delivery] = []
        for delivery in deliveries:
            delivery.read(self._runtime.data)
            if delivery.received is not None:
                handlers = self._handlers.get(delivery.kind, ())
                for handler in handlers:
                    work[handler].append(delivery)
                if not handlers:
                    unhandled.append(delivery)
        if unhandled:
            self._leave_to_others(unhandled)
        for handler, deliveries_of_handler in work.items():
            finished = Signal()
            finish = functools.partial(_finish, finished)
            self.container.spawn_worker(handler, (Batch(deliveries_of_handler),), {}, handle_result=finish)
            finished.wait()

    def _leave_to_others(self, deliveries: list[Delivery]) -> None:
        """During a rolling upgrade two versions share the queue: what this one does not handle, the other may."""
        held = self._leases.held({delivery.kind for delivery in deliveries})
        for delivery in deliveries:
            delivery.is_left = delivery.kind in held
            if delivery.is_left:
                self._tell_once("events of type %s go back into the queue: another process handles it", delivery)
            else:
                self._tell_once("events of type %s are acknowledged: no process of this service handles it", delivery)

    def _tell_once(self, text: str, delivery: Delivery) -> None:
        if (text, delivery.kind) not in self._told:
            self._told.add((text, delivery.kind))
            log.info(text, delivery.kind)

    def _count_handled(self, deliveries: list[Delivery]) -> None:
        handled = Counter(
            each.received.envelope.type
            for each in deliveries
            if each.received and not each.failure and not each.is_left
        )
        for kind, count in handled.items():
            metrics.handled.labels(kind).inc(count)

    def _note_lag(self, deliveries: list[Delivery]) -> None:
        if any(delivery.is_without_database for delivery in deliveries):
            self._lag.put_back(timedelta(seconds=LONGEST_ABSENCE))
        elif read := [delivery.received for delivery in deliveries if delivery.received]:
            self._lag.handled(read[-1].envelope.time)

    def _send_back(self, deliveries: list[Delivery]) -> None:
        waiting = [delivery for delivery in deliveries if delivery.is_left or delivery.is_without_database]
        failed = [delivery for delivery in deliveries if delivery.failure and not delivery.is_without_database]
        back = [retry_message(self._queue, delivery, *delivery.failure) for delivery in failed if delivery.failure]
        back += [detour_message(self._queue, delivery) for delivery in waiting]
        if back:
            refused = self._retry_publisher.publish(back)
            if refused:
                raise ConnectionError(f"{len(refused)} messages could not be put into a retry or parking queue")


class Handler(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """nameko entrypoint of an event handler (`@handles`)."""

    consumer = EventConsumer()

    def __init__(self, types: Iterable[str], **options: Any) -> None:
        self.types = tuple(types)
        super().__init__(**options)

    def setup(self) -> None:
        self.consumer.register(self)


def handles(*types: type[Event] | str) -> Callable[[Callable[[Any, Received], Any]], Callable[..., Any]]:
    """Decorator of an event handler for these event types: `def on_x(self, event: Received) -> None`.

    The handler may be called more than once for an event, and in any order; the writes of
    `chassis.persistence.tenant_data` are idempotent.
    """
    names = [kind if isinstance(kind, str) else kind.type for kind in types]

    def decorate(method: Callable[[Any, Received], Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def run(service: Any, work: Received | Batch) -> Any:
            if isinstance(work, Batch):
                return work.run(method.__name__, functools.partial(method, service))
            return method(service, work)

        return Handler.decorator(types=names)(run)  # type: ignore[no-any-return]

    return decorate


def _finish(finished: Signal, context: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
    finished.send(True)
    return result, exc_info
