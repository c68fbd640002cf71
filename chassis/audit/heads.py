"""Store of the audit log's signed heads: a RabbitMQ stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import eventlet
import msgspec
from eventlet.semaphore import Semaphore

from chassis.audit.chain import Head
from chassis.envelope import UNREADABLE
from chassis.errors import Unavailable
from chassis.ids import uuid7
from chassis.messaging import amqp
from chassis.messaging.names import AUDIT

# Declared in `launcher/servers/broker_topology.py`; no broker user may purge it.
STREAM = "audit.heads"
_READ_AHEAD = 500
_SECONDS = 10.0
_IDLE_SECONDS = 20.0


class HeadsUnavailable(Unavailable):
    """The store of heads is unreachable."""

    code = "audit_heads_unavailable"
    en = "The signed heads of the audit log cannot be reached ({reason}); try again in {retry_after} s."
    zh = "审计日志的签名链头暂时不可用（{reason}），请在 {retry_after} 秒后重试。"


def encode(head: Head) -> bytes:
    return msgspec.json.encode(head)


def decode(body: bytes) -> Head:
    """Decodes a head. Anything else becomes an unsigned head, which the verification reports as forged."""
    try:
        return msgspec.json.decode(body, type=Head)
    except UNREADABLE:
        return msgspec.json.decode(
            b'{"writer":"unreadable","number":0,"mac":"","at":"1970-01-01T00:00:00Z"}', type=Head
        )


class StreamHeads:
    """Heads in the stream `audit.heads`: the broker appends and expires messages, but cannot change them.

    Connects at first use, and closes a connection that is idle.
    """

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._publisher = amqp.Publisher(uri)
        self._close_timer: Any = None
        self._in_use = Semaphore()

    def publish(self, head: Head) -> None:
        # The timer may fire at any moment, and must not close the connection under a message.
        with self._in_use:
            self._publish(head)

    def _publish(self, head: Head) -> None:
        if self._close_timer is not None:
            self._close_timer.cancel()
        message = amqp.Message(AUDIT, "", encode(head), uuid7())
        try:
            try:
                self._send(message)
            except amqp.LOST:
                # The idle connection was lost. A head that arrives twice does no harm.
                self._send(message)
        except amqp.LOST as error:
            raise HeadsUnavailable(reason=type(error).__name__) from error
        # The broker logs an error if a connection stays idle and sends no heartbeats.
        self._close_timer = eventlet.spawn_after(_IDLE_SECONDS, self.close)

    def read(self) -> Iterator[Head]:
        """Yields the heads up to now. An empty marker message, published first, shows where the stream ends."""
        try:
            yield from map(decode, self._bodies())
        except amqp.LOST as error:
            raise HeadsUnavailable(reason=type(error).__name__) from error

    def close(self) -> None:
        with self._in_use:
            self._publisher.close()

    def _send(self, message: amqp.Message) -> None:
        if self._publisher.publish([message]):
            raise HeadsUnavailable(reason=f"{STREAM} did not take the message")

    def _bodies(self) -> Iterator[bytes]:
        end_marker = uuid7()
        self._send(amqp.Message(AUDIT, "", b"", end_marker))
        connection = amqp.connect(self._uri)
        try:
            arrived = _consume(connection.channel())
            while True:
                connection.drain_events(timeout=_SECONDS)
                for message in arrived:
                    if message.properties.get("message_id") == end_marker:
                        return
                    if message.body:
                        yield message.body
                arrived.clear()
        finally:
            amqp.close(connection)


def _consume(channel: Any) -> list[Any]:
    """Consumes the stream from its first message and acknowledges each one, so that the broker sends the next."""
    arrived: list[Any] = []

    def take(message: Any) -> None:
        arrived.append(message)
        channel.basic_ack(message.delivery_tag)

    channel.basic_qos(0, _READ_AHEAD, False)
    channel.basic_consume(STREAM, callback=take, arguments={"x-stream-offset": "first"})
    return arrived
