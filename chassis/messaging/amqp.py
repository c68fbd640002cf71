"""RabbitMQ connections, and a publisher with pipelined confirms."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from struct import unpack_from
from typing import Any

import amqp
import amqp.serialization
import amqp.spec
from kombu import Connection

from chassis import metrics
from chassis.messaging.properties import read_properties, read_short_text

#: The errors of a lost or refused connection.
LOST = (OSError, amqp.exceptions.AMQPError, EOFError)
_AWAY = (ConnectionError, TimeoutError, EOFError, socket.gaierror, amqp.exceptions.AMQPError)
_REFUSED = (amqp.exceptions.AccessRefused, amqp.exceptions.PreconditionFailed)
_CONFIRM_SECONDS = 10.0
_BUFFER_SIZE = 64 * 1024


def connect(uri: str, heartbeat: int = 30) -> amqp.Connection:
    """Returns a py-amqp connection. Raises one of `LOST`."""
    options = {"on_blocked": _alarm.set, "on_unblocked": _alarm.clear}
    template = Connection(uri, heartbeat=heartbeat, connect_timeout=5, transport_options=options)
    connection = template.transport.establish_connection()
    connection.transport._quick_recv = _ReadAhead(connection.transport._quick_recv)
    connection.Channel = _Channel
    return connection


def _read_properties(buffer: bytes, offset: int) -> tuple[dict[str, Any], int]:
    found = read_properties(buffer, offset)
    found["application_headers"] = found.pop("headers", {})
    return found, len(buffer)


amqp.serialization.PROPERTY_CLASSES[amqp.spec.Basic.CLASS_ID] = _read_properties


class _Channel(amqp.Channel):  # type: ignore[misc]  # py-amqp has no types
    """Channel that takes any message: its body stays bytes, and a routing key that is not UTF-8 is empty."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options, auto_decode=False)

    def dispatch_method(self, method_sig: tuple[int, int], payload: bytes, content: Any) -> None:
        if method_sig != amqp.spec.Basic.Deliver or self.is_closing:
            super().dispatch_method(method_sig, payload, content)
            return
        consumer, offset = read_short_text(payload, 4)
        tag, redelivered = unpack_from(">Q?", payload, offset)
        exchange, offset = read_short_text(payload, offset + 9)
        key, _ = read_short_text(payload, offset)
        content.body = content.body or b""
        self._on_basic_deliver(consumer, tag, redelivered, exchange or "", key or "", content)


class _ReadAhead:
    """Read buffer: py-amqp reads every part of a frame from the socket, nine times per message; this reads ahead.

    Measured: saves a third of the CPU of a consumer that does nothing else.
    """

    def __init__(self, receive: Callable[[int], bytes]) -> None:
        self._receive = receive
        self._buffer = b""
        self._position = 0

    @property
    def holds_frame(self) -> bool:
        """Whether the buffer holds a whole frame: a header of 7 bytes with the size, the payload, an end byte."""
        size = int.from_bytes(self._buffer[self._position + 3 : self._position + 7])
        return len(self._buffer) - self._position >= 8 + size

    def __call__(self, most: int) -> bytes:
        """Returns up to `most` bytes and raises the socket's errors, like the socket's own method."""
        if self._position == len(self._buffer):
            self._buffer, self._position = self._receive(_BUFFER_SIZE), 0
        piece = self._buffer[self._position : self._position + most]
        self._position += len(piece)
        return piece


def blocked() -> bool:
    """Returns whether the broker blocks publishers now because of its disk or memory alarm."""
    return _alarm.is_set


class _Alarm:
    """The broker's resource alarm: one for the process, since the broker notifies every publishing connection."""

    is_set = False

    def set(self, reason: str) -> None:
        self.is_set = True
        metrics.broker_blocked.set(1)

    def clear(self) -> None:
        self.is_set = False
        metrics.broker_blocked.set(0)


_alarm = _Alarm()


def is_away(error: Exception) -> bool:
    """Returns whether the error says that the broker cannot be reached, or was lost, and not that it refused."""
    return isinstance(error, _AWAY) and not isinstance(error, _REFUSED)


def is_refusal(error: Exception) -> bool:
    """Returns whether the broker refused one of the messages that were published, and not the connection."""
    return isinstance(error, _REFUSED) and error.method_sig == amqp.spec.Basic.Publish


def reconnect_delays() -> Iterator[float]:
    """Exponential backoff: yields the seconds to wait before each attempt to connect, from 0.1 doubling to 5."""
    delay = 0.1
    while True:
        yield delay
        delay = min(delay * 2, 5.0)


@dataclass(frozen=True, slots=True)
class Message:
    """An outgoing message. `publish` returns the `id` of each message that failed."""

    exchange: str
    routing_key: str
    body: bytes
    id: str
    headers: dict[str, Any] = field(default_factory=dict)


class Publisher:
    """Publishes batches on one confirm channel. Not for use by two greenlets at once."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._connection: Any = None
        self._channel: Any = None
        self._looking: Any = None
        self._published = 0
        self._unconfirmed: dict[int, str] = {}
        self._failed: set[str] = set()

    def publish(self, messages: Sequence[Message]) -> set[str]:
        """Returns the ids of messages that were not published: unroutable, or rejected by a queue.

        Raises one of `LOST` if the connection is lost; then the outcome of the whole batch is unknown.
        """
        try:
            self._open()
            self._failed.clear()
            with _buffered_writes(self._connection.transport):
                for message in messages:
                    self._send(message)
            while self._unconfirmed:
                self._connection.drain_events(timeout=_CONFIRM_SECONDS)
        except LOST:
            self.abandon()
            raise
        _alarm.clear()
        return set(self._failed)

    def missing(self, queues: Iterable[str]) -> set[str]:
        """Returns which of the queues the broker does not have. Raises one of `LOST`."""
        try:
            self._open()
            return {queue for queue in queues if not self._has(queue)}
        except LOST:
            self.abandon()
            raise

    def _has(self, queue: str) -> bool:
        if self._looking is None:
            self._looking = self._connection.channel()
        try:
            self._looking.queue_declare(queue, passive=True)
        except amqp.exceptions.NotFound:
            self._looking = None  # the broker has closed the channel
            return False
        return True

    def beat(self) -> None:
        """Sends the heartbeat of an idle connection and notices if it is blocked or lost. Raises one of `LOST`."""
        if self._connection is None:
            return
        try:
            self._connection.heartbeat_tick()
            drain(self._connection, 0.001)
        except LOST:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Drops the connection without a handshake: it is broken, or the broker no longer answers."""
        connection, self._connection, self._channel, self._looking = self._connection, None, None, None
        if connection is not None:
            connection.collect()

    def close(self) -> None:
        close(self._connection)
        self._connection = self._channel = self._looking = None

    def _open(self) -> None:
        if self._connection is not None:
            return
        connection = connect(self._uri)
        channel = connection.channel()
        channel.confirm_select()
        channel.events["basic_ack"].add(self._acked)
        channel.events["basic_nack"].add(self._nacked)
        channel.events["basic_return"].add(self._returned)
        self._connection, self._channel = connection, channel
        self._published = 0
        self._unconfirmed.clear()

    def _send(self, message: Message) -> None:
        self._published += 1
        self._unconfirmed[self._published] = message.id
        content = amqp.Message(
            message.body,
            message_id=message.id,
            delivery_mode=2,
            content_type="application/cloudevents+json",
            application_headers=message.headers,
        )
        # Not `basic_publish`, which polls for incoming frames before each message; `publish` reads them at the end.
        arguments = (0, message.exchange, message.routing_key, True, False)
        self._channel.send_method(amqp.spec.Basic.Publish, "Bssbb", arguments, content)

    def _settled(self, tag: int, multiple: bool) -> list[str]:
        tags = [each for each in self._unconfirmed if each <= tag] if multiple else [tag]
        return [self._unconfirmed.pop(each) for each in tags if each in self._unconfirmed]

    def _acked(self, tag: int, multiple: bool) -> None:
        self._settled(tag, multiple)

    def _nacked(self, tag: int, multiple: bool) -> None:
        self._failed.update(self._settled(tag, multiple))

    def _returned(self, error: Exception, exchange: str, routing_key: str, message: Any) -> None:
        self._failed.add(message.properties["message_id"])


@contextmanager
def _buffered_writes(transport: Any) -> Iterator[None]:
    """Write buffer: py-amqp makes one system call per message; this makes one per batch."""
    send, buffer = transport._write, bytearray()
    transport._write = buffer.extend
    try:
        yield
    finally:
        transport._write = send
    send(buffer)


def drain(connection: Any, seconds: float) -> bool:
    """Waits for a frame and handles it. Returns False if none arrived in time."""
    transport = connection.transport
    if not transport._read_buffer and transport._quick_recv.holds_frame:
        # The frame is already here: save the system calls that set the socket's timeout and reset it.
        connection.on_inbound_frame(transport.read_frame())
        return True
    try:
        connection.drain_events(timeout=seconds)
    except (TimeoutError, BlockingIOError):
        return False
    return True


def close(connection: Any) -> None:
    """Closes a connection, with the AMQP handshake if the broker still answers."""
    if connection is None:
        return
    try:
        connection.close()
    except LOST:
        connection.collect()
