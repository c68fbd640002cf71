"""Stream consumer: reads a tenant's log (a RabbitMQ stream) from any offset, over plain AMQP 0-9-1."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pika
from pika.channel import Channel
from pika.exceptions import AMQPError

from chassis.errors import Unavailable
from chassis.messaging.names import log_of
from gateway.rpc.connection import answered, open_channel, open_connection

#: Unacknowledged entries that the broker sends ahead.
PREFETCH = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a tenant's log, with its offset and its routing key. `tag` acknowledges it to the broker."""

    tenant: str
    offset: int
    tag: int
    key: str
    body: bytes


class ReadingEnded(Exception):
    """The broker closed the channel, or this process is stopping."""


class Logs:
    """Opens readers of tenants' logs, on a separate connection from RPC requests."""

    def __init__(self, uri: str) -> None:
        self._parameters = pika.URLParameters(uri)
        self._parameters.client_properties = {"connection_name": "gateway logs"}
        self._connection: Any = None
        self._opening = asyncio.Lock()
        self._stopped = False

    async def read(self, tenant: str, after: int | None) -> Reader:
        """Opens a reader after the offset `after`, or from now on. Raises `Unavailable`."""
        if self._stopped:
            raise Unavailable()
        try:
            async with self._opening:
                if self._connection is None or not self._connection.is_open:
                    self._connection = await open_connection(self._parameters, lambda _: None)
            channel = await open_channel(self._connection)
            reader = Reader(channel, tenant, after)
            await reader.start()
        except (AMQPError, OSError) as error:
            raise Unavailable() from error
        return reader

    def stop(self) -> None:
        """Ends all readers and opens no more."""
        self._stopped = True
        if self._connection is not None and self._connection.is_open:
            self._connection.close()


class Reader:
    """Iterates over the entries of one log in order, until its channel closes."""

    def __init__(self, channel: Channel, tenant: str, after: int | None) -> None:
        self._channel: Any = channel
        self._tenant = tenant
        self._after = after
        self._entries: asyncio.Queue[Entry | None] = asyncio.Queue()

    async def start(self) -> None:
        self._channel.add_on_close_callback(lambda *_: self._entries.put_nowait(None))
        offset = "next" if self._after is None else self._after + 1
        await answered(self._channel, self._channel.basic_qos, prefetch_count=PREFETCH)
        arguments = {"x-stream-offset": offset}
        queue = log_of(self._tenant)
        await answered(self._channel, self._channel.basic_consume, queue, self._on_entry, arguments=arguments)

    async def next(self, seconds: float) -> Entry | None:
        """Returns the next entry, or None after `seconds` without one. Raises `ReadingEnded`."""
        try:
            async with asyncio.timeout(seconds):
                entry = await self._entries.get()
        except TimeoutError:
            return None
        if entry is None:
            raise ReadingEnded()
        if self._channel.is_open:
            self._channel.basic_ack(entry.tag)
        return entry

    def close(self) -> None:
        if self._channel.is_open:
            self._channel.close()

    def _on_entry(self, _channel: Channel, method: Any, properties: Any, body: bytes) -> None:
        offset = int(properties.headers["x-stream-offset"])
        self._entries.put_nowait(Entry(self._tenant, offset, method.delivery_tag, method.routing_key, body))
