"""RPC server: runs the gateway's commands and queries, up to 64 calls per message, and replies to each.

Every call is looked at when it arrives: it is refused if too many are in flight (`AdaptiveLimit`), or waits for a
worker (`MethodQueue`).
"""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable
from typing import Any

import amqp as pyamqp
import eventlet
import msgspec
from eventlet.event import Event as Signal
from eventlet.queue import Empty, LightQueue
from nameko.extensions import Entrypoint, SharedExtension

from chassis import metrics
from chassis.concurrency.adaptive_limit import AdaptiveLimit
from chassis.context import Call
from chassis.entrypoints.incoming_call import Incoming, problem_reply
from chassis.entrypoints.method_queue import MethodQueue
from chassis.entrypoints.reconnecting import consume_until
from chassis.entrypoints.rpc_arguments import Arguments
from chassis.envelope import UNREADABLE
from chassis.errors import Expired, NotFound, Problem, UnreadableRequest
from chassis.messaging import amqp
from chassis.messaging.names import REPLIES
from chassis.messaging.wire import WireCall, WireMessage
from chassis.process.runtime import runtime_of

log = logging.getLogger(__name__)
#: Seconds without a reply to send, after which the connection needs a heartbeat (`_QUIET`) or a new attempt.
_QUIET = 5.0
_RECONNECT = 0.2
#: Seconds between two looks whether all calls are answered.
_DRAIN_POLL = 0.02
#: Slack of the limit: a refusal costs the way through the broker and back, so the gateways' own come first.
BEHIND_GATEWAY = 2

_decode = msgspec.json.Decoder(WireMessage).decode


class Requests(SharedExtension):  # type: ignore[misc]
    """Consumes `requests.<service>` and publishes the replies, in batches."""

    def __init__(self) -> None:
        super().__init__()
        self._entries: dict[str, Entry] = {}
        self._queues: dict[str, MethodQueue[Incoming]] = {}
        self._limit = AdaptiveLimit(slack=BEHIND_GATEWAY)
        self._ready: LightQueue = LightQueue()
        self._replies: LightQueue = LightQueue()
        self._stopping = False
        self._consumed, self._dispatched, self._replied = Signal(), Signal(), Signal()

    def setup(self) -> None:
        self._runtime = runtime_of(self.container)
        self._runtime.health.expect("requests", "replies")
        metrics.rpc_allowed.set_function(lambda: self._limit.allowed)

    def register(self, entry: Entry) -> None:
        method, workers = entry.method_name, runtime_of(self.container).settings.max_workers
        queue = MethodQueue[Incoming](max(1, workers // 2), self._ready.put)
        self._entries[method], self._queues[method] = entry, queue
        metrics.rpc_in_flight.labels(method).set_function(lambda: self._limit.in_flight_of(method))

    def start(self) -> None:
        self.container.spawn_managed_thread(self._consume_forever, identifier="requests")
        self.container.spawn_managed_thread(self._dispatch_forever, identifier="dispatch")
        self.container.spawn_managed_thread(self._reply_forever, identifier="replies")

    def stop(self) -> None:
        """Drains: takes no new calls, finishes the running ones and sends their replies."""
        self._stopping = True
        self._consumed.wait()
        while self._limit.in_flight:
            eventlet.sleep(_DRAIN_POLL)
        self._ready.put(None)
        self._dispatched.wait()
        self.container._worker_pool.waitall()
        self._replies.put(None)
        self._replied.wait()

    def _consume_forever(self) -> None:
        consume_until(lambda: self._stopping, self._consume, "requests", self._runtime.health)
        self._consumed.send(True)

    def _consume(self) -> None:
        connection = amqp.connect(self._runtime.settings.amqp_uri, heartbeat=60)
        try:
            channel = connection.channel()
            channel.basic_qos(0, 8, False)
            on_message = functools.partial(self._on_message, channel)
            tag = channel.basic_consume(f"requests.{self._runtime.settings.service}", callback=on_message)
            self._runtime.health.up("requests")
            while not self._stopping:
                connection.heartbeat_tick()
                amqp.drain(connection, 1.0)
            channel.basic_cancel(tag)
            amqp.close(connection)
        finally:
            connection.collect()

    def _on_message(self, channel: Any, message: Any) -> None:
        # Acknowledged on receipt: a request is never redelivered, its sender repeats it with its idempotency key.
        channel.basic_ack(message.delivery_info["delivery_tag"])
        reply_to = message.properties.get("reply_to", "")
        try:
            calls = _decode(message.body).calls
        except UNREADABLE as error:
            log.error("cannot decode a request message: %s", type(error).__name__)
            self._replies.put((reply_to, problem_reply(message.properties.get("message_id", ""), UnreadableRequest())))
            return
        metrics.rpc_batch.observe(len(calls))
        for wire in calls:
            self._admit(wire, reply_to)

    def _admit(self, wire: WireCall, reply_to: str) -> None:
        def reply(body: bytes) -> None:
            self._replies.put((reply_to, body))

        entry = self._entries.get(wire.method)
        if entry is None:
            reply(problem_reply(wire.id, NotFound()))
            return
        try:
            principal = self._runtime.verifier.verify(wire.principal)
            left = wire.deadline - time.time()
            if left <= 0:
                raise Expired  # before it counts: it says nothing about how much can be borne
            ticket = self._limit.take(wire.method, principal.tenant, time.monotonic(), left)
        except Problem as problem:
            metrics.rpc_seconds.labels(wire.method, problem.code).observe(0)
            reply(problem_reply(wire.id, problem))
            return
        queue = self._queues[wire.method]
        queue.add(Incoming(entry, wire, principal, ticket, queue, self._runtime, reply))

    def _dispatch_forever(self) -> None:
        """Gives workers to the calls in order; while none is free, the consumer still hears of new calls."""
        while (work := self._ready.get()) is not None:
            self.container.spawn_worker(work.entry, (work,), {})
        self._dispatched.send(True)

    def _reply_forever(self) -> None:
        connection: Any = None
        channel: Any = None
        batch: dict[str, list[bytes]] | None = {}
        while batch is not None:
            try:
                if connection is None:
                    connection = amqp.connect(self._runtime.settings.amqp_uri)
                    channel = connection.channel()
                    self._runtime.health.up("replies")
                for reply_to, bodies in batch.items():
                    _send(channel, reply_to, bodies)
                connection.heartbeat_tick()
                amqp.drain(connection, 0)
            except amqp.LOST as error:
                # The callers time out and repeat the requests with their idempotency keys.
                self._runtime.health.down("replies", str(error))
                if connection is not None:
                    connection.collect()
                connection = None
            batch = self._next_replies(_RECONNECT if connection is None else _QUIET)
        amqp.close(connection)
        self._replied.send(True)

    def _next_replies(self, quiet: float = _QUIET) -> dict[str, list[bytes]] | None:
        """Returns the ready replies by reply address; {} after `quiet` seconds without any, None at the end."""
        batch: dict[str, list[bytes]] = {}
        try:
            item = self._replies.get(timeout=quiet)
            while item is not None:
                batch.setdefault(item[0], []).append(item[1])
                item = self._replies.get_nowait()
            if batch:
                self._replies.put(None)  # read the end marker again after these replies are sent
        except Empty:
            return batch
        return batch or None


def _send(channel: Any, reply_to: str, bodies: list[bytes]) -> None:
    body = bodies[0] if len(bodies) == 1 else b'{"replies":[' + b",".join(bodies) + b"]}"
    channel.basic_publish(pyamqp.Message(body, delivery_mode=1), exchange=REPLIES, routing_key=reply_to)


class Entry(Entrypoint):  # type: ignore[misc]  # nameko has no types
    """nameko entrypoint of a command or query."""

    requests = Requests()

    def __init__(self, arguments: Callable[[], Arguments], **options: Any) -> None:
        self._arguments = arguments
        super().__init__(**options)

    @functools.cached_property
    def arguments(self) -> Arguments:
        return self._arguments()

    def setup(self) -> None:
        self.requests.register(self)


def _entry(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def run(service: Any, work: Incoming | Call, *args: Any, **kwargs: Any) -> Any:
        if isinstance(work, Incoming):
            return work.run(functools.partial(method, service), getattr(service, "words", lambda _: None))
        return method(service, work, *args, **kwargs)

    return Entry.decorator(arguments=functools.partial(Arguments.of, method))(run)  # type: ignore[no-any-return]


def command(method: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of a command, which changes state: `def dispatch(self, call: Call, case: Id, order: Order) -> Answer`.

    Arguments are validated against the annotations; the fields of a `Form` are arguments of the call like the others.
    The result is anything that msgspec can encode. A repeated idempotency key returns the first result, if the command
    works through `TenantData`.
    """
    return _entry(method)


def query(method: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of a query, which only reads."""
    return _entry(method)
