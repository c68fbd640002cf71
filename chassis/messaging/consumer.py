"""Events in: one quorum queue for a service, batches, retries with backoff, parking, draining."""

from __future__ import annotations

import functools
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import msgspec
from amqp import spec as amqp_spec
from eventlet.event import Event as Signal
from nameko.extensions import Entrypoint, SharedExtension
from nameko.timer import timer

from chassis.clock import SystemClock
from chassis.context import Received, current
from chassis.errors import Problem
from chassis.messaging import amqp
from chassis.messaging.bindings import Bindings
from chassis.messaging.envelope import Event, Unreadable, decode
from chassis.messaging.names import BACKOFF, HANDLER, KEY, REASON, REPLAYED, TRIES
from chassis.persistence.tenant_data import DataSource
from chassis.process import metrics
from chassis.process.runtime import runtime_of

log = logging.getLogger(__name__)
BATCH = 200

every = functools.partial(timer, eager=False)
"""`@every(interval=5)`: a timer method, run in every replica; it must act once by conditional writes."""


class Delivery:
    """One message of the queue, and what became of it."""

    def __init__(self, message: Any) -> None:
        self.tag: int = message.delivery_info["delivery_tag"]
        self.redelivered: bool = message.delivery_info["redelivered"]
        self.headers: dict[str, Any] = dict(message.headers or {})
        # Only what comes back from our own retry queues may say under which key it first came.
        returned = message.delivery_info["exchange"].endswith(".again")
        self.key: str = self.headers.get(KEY, "") if returned else message.delivery_info["routing_key"]
        self.body: bytes = message.body if isinstance(message.body, bytes) else message.body.encode()
        self.received: Received | None = None
        self.failure: tuple[str, BaseException] | None = None

    @property
    def tries(self) -> int:
        return int(self.headers.get(TRIES, 0))

    @property
    def mendable(self) -> bool:
        """Whether another try may help: not for what cannot be read."""
        return self.failure is not None and not isinstance(self.failure[1], Unreadable | msgspec.DecodeError)

    def read(self, data: DataSource) -> None:
        """Decodes; a message whose routing key is not that of its content is forged or broken."""
        try:
            envelope = decode(self.body)
            expected = envelope.routing_key
            if self.key not in (expected, f"{data.service}.{expected}"):
                raise Unreadable(reason="its routing key does not fit its content")
            self.received = data.received(envelope, replayed=REPLAYED in self.headers)
        except Unreadable as error:
            self.failure = ("decode", error)


class Batch:
    """Deliveries for one handler method."""

    def __init__(self, deliveries: list[Delivery]) -> None:
        self.deliveries = deliveries

    def run(self, name: str, handle: Callable[[Received], Any]) -> None:
        """Different aggregates side by side (their writes are committed together), one aggregate in order."""
        by_subject: dict[str, list[Delivery]] = defaultdict(list)
        for delivery in self.deliveries:
            if delivery.received is not None:
                by_subject[delivery.received.envelope.subject].append(delivery)
        pool = eventlet.GreenPool(64)
        for group in by_subject.values():
            pool.spawn_n(self._run_group, name, handle, group)
        pool.waitall()

    @staticmethod
    def _run_group(name: str, handle: Callable[[Received], Any], group: list[Delivery]) -> None:
        seconds = metrics.handler_seconds.labels(name)
        for delivery in group:
            current.set(delivery.received)
            started = time.perf_counter()
            try:
                handle(delivery.received)  # type: ignore[arg-type]  # read before it got here
            except Exception as error:  # noqa: BLE001  # the boundary: kept with the message, retried or parked
                delivery.failure = (name, error)
            seconds.observe(time.perf_counter() - started)


class EventConsumer(SharedExtension):  # type: ignore[misc]
    """The consumer of the service's queue, shared by all its handlers."""

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

    def setup(self) -> None:
        self._runtime = runtime_of(self.container)
        self._queue = self._runtime.settings.service
        self._returns = amqp.Publisher(self._runtime.settings.amqp_uri)
        self._runtime.health.expect("subscription")

    def register(self, handler: Handler) -> None:
        for kind in handler.types:
            self._handlers[kind].append(handler)

    def start(self) -> None:
        rows, uri = self._runtime.shelves.database()["bindings"], self._runtime.settings.amqp_uri
        # Not the service's clock: one that is shifted would make every other replica look gone.
        self._bindings = Bindings(rows, self._queue, uri, list(self._handlers), SystemClock())
        self.container.spawn_managed_thread(self._run, identifier="subscription")
        self.container.spawn_managed_thread(self._bindings.tend_always, identifier="bindings")

    def stop(self) -> None:
        """Finishes and acknowledges the batch in hand before the connection closes."""
        self._stopping = True
        self._stopped.wait()

    def _run(self) -> None:
        pauses = amqp.pauses()
        while not self._stopping:
            try:
                self._consume()
                pauses = amqp.pauses()
            except amqp.LOST as error:
                self._runtime.health.down("subscription", str(error))
                log.warning("subscription lost: %s", error)
                self._drop()
                eventlet.sleep(next(pauses))
        amqp.close(self._connection)
        self._returns.close()
        self._stopped.send(True)

    def _consume(self) -> None:
        self._connection = amqp.connect(self._runtime.settings.amqp_uri)
        self._channel = self._connection.channel()
        self._bindings.bind(self._channel)
        self._arrived = []
        # One at a time until a first message shows that nothing was left behind by a crash.
        self._begin(1)
        self._runtime.health.up("subscription")
        while not self._stopping:
            if self._wait_for_some():
                self._process(self._take())
        self._cancel()
        self._process(self._take())

    def _take(self) -> list[Delivery]:
        taken, self._arrived = self._arrived, []
        return taken

    def _wait_for_some(self) -> bool:
        self._connection.heartbeat_tick()
        self._returns.beat()
        # Some may have come while a change of the prefetch waited for its answer.
        if not self._arrived and not amqp.waits(self._connection, 1.0):
            return False
        while len(self._arrived) < BATCH and amqp.waits(self._connection, 0):
            pass
        return bool(self._arrived)

    def _process(self, deliveries: list[Delivery]) -> None:
        if any(delivery.redelivered for delivery in deliveries) and self._prefetch > 1:
            self._go_alone(deliveries)
        elif deliveries:
            self._work(deliveries)

    def _work(self, deliveries: list[Delivery]) -> None:
        worker = eventlet.spawn(self._handle, deliveries)
        while not worker.dead:
            # The broker must hear from us while a long batch runs.
            with eventlet.Timeout(5, False):
                worker.wait()
            self._connection.heartbeat_tick()
            amqp.waits(self._connection, 0)
        self._return_failed(deliveries)
        if self._prefetch == 1 and not deliveries[-1].redelivered:
            # Before the acknowledgement: what is on its way to a consumer that ends comes back as redelivered.
            self._cancel()
            self._begin(2 * BATCH)
        self._channel.basic_ack(deliveries[-1].tag, multiple=True)

    def _go_alone(self, deliveries: list[Delivery]) -> None:
        """Something here may have killed a handler: put all back, and take them one by one."""
        self._cancel()
        last = max(delivery.tag for delivery in [*deliveries, *self._take()])
        # py-amqp has no method for RabbitMQ's nack: (tag, multiple, requeue).
        self._channel.send_method(amqp_spec.Basic.Nack, "Lbb", (last, True, True))
        # Only now, so that what was put back comes first: a new message would tell that nothing was left behind.
        self._begin(1)

    def _begin(self, prefetch: int) -> None:
        # A quorum queue has no limit for a channel, and a consumer's own is fixed when it begins.
        self._channel.basic_qos(0, prefetch, False)
        self._tag = self._channel.basic_consume(self._queue, callback=self._on_message)
        self._prefetch = prefetch

    def _cancel(self) -> None:
        self._channel.basic_cancel(self._tag)

    def _on_message(self, message: Any) -> None:
        self._arrived.append(Delivery(message))

    def _handle(self, deliveries: list[Delivery]) -> None:
        work: dict[Handler, list[Delivery]] = defaultdict(list)
        for delivery in deliveries:
            delivery.read(self._runtime.data)
            if delivery.received is not None:
                for handler in self._handlers.get(delivery.received.envelope.type.removeprefix("linli."), ()):
                    work[handler].append(delivery)
        for handler, chosen in work.items():
            finished = Signal()
            finish = functools.partial(_finish, finished)
            self.container.spawn_worker(handler, (Batch(chosen),), {}, handle_result=finish)
            finished.wait()

    def _return_failed(self, deliveries: list[Delivery]) -> None:
        failed = [self._elsewhere(delivery, *delivery.failure) for delivery in deliveries if delivery.failure]
        handled = Counter(each.received.envelope.type for each in deliveries if each.received and not each.failure)
        for kind, count in handled.items():
            metrics.handled.labels(kind).inc(count)
        if failed:
            refused = self._returns.publish(failed)
            if refused:
                raise ConnectionError(f"{len(refused)} messages could not be put into a retry or parking queue")

    def _elsewhere(self, delivery: Delivery, handler: str, error: BaseException) -> amqp.Message:
        """The message for its retry queue, or for the parked ones when no try is left."""
        kind = delivery.received.envelope.type if delivery.received else "unreadable"
        again = delivery.mendable and delivery.tries < len(BACKOFF)
        target = f"retry.{BACKOFF[delivery.tries]}" if again else "parked"
        (metrics.retried if again else metrics.parked).labels(kind).inc()
        log.log(
            logging.WARNING if again else logging.ERROR,
            "event of type %s goes to %s: %s failed with %s",
            kind, target, handler, _reason(error),
            exc_info=None if isinstance(error, Problem) else (type(error), error, error.__traceback__),
        )  # fmt: skip
        headers = {
            **{name: value for name, value in delivery.headers.items() if name.startswith("linli-")},
            TRIES: delivery.tries + 1,
            REASON: _reason(error),
            HANDLER: handler,
            KEY: delivery.key,
        }
        return amqp.Message(f"{self._queue}.again", target, delivery.body, str(delivery.tag), headers)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.collect()
        self._connection = self._channel = None


class Handler(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """The entrypoint behind `@handles`."""

    subscription = EventConsumer()

    def __init__(self, types: Iterable[str], **options: Any) -> None:
        self.types = tuple(types)
        super().__init__(**options)

    def setup(self) -> None:
        self.subscription.register(self)


def handles(*types: type[Event] | str) -> Callable[[Callable[[Any, Received], Any]], Callable[..., Any]]:
    """Marks a method as the handler of these event types: `def on_x(self, event: Received) -> None`.

    It may be called more than once for one event and in any order: it keeps a replica or has an effect
    (`chassis.persistence.tenant_data`).
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


def _reason(error: BaseException) -> str:
    """A class name and, where it is ours, the code: never a message that could hold personal data."""
    return error.code if isinstance(error, Problem) else type(error).__name__
