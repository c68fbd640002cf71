"""Stream consumer: reads a tenant's log (a RabbitMQ stream) from any offset, over plain AMQP 0-9-1."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pika
from pika.channel import MAX_CHANNELS, Channel
from pika.exceptions import AMQPError

from chassis.errors import Unavailable
from chassis.messaging.names import log_of
from gateway.events.positions import Position
from gateway.rpc.connection import answered, close_channel, open_channel, open_connection

#: Unacknowledged entries that the broker sends ahead.
PREFETCH = 200
#: The largest offset that a log can have.
_LARGEST_OFFSET = 2**63 - 1
#: Seconds in which the entry at a position must arrive. The broker sends none, and no error, where the log has none.
RESUME_TIMEOUT = 2.0


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a tenant's log, with its position and its routing key. `tag` acknowledges it to the broker."""

    tenant: str
    at: Position
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
        self._channels: set[Any] = set()
        self._stopped = False

    @property
    def channels_left(self) -> int:
        """The number of readers that can still be opened on this connection."""
        if self._connection is None or not self._connection.is_open:
            return int(MAX_CHANNELS)
        most: int = self._connection.params.channel_max or MAX_CHANNELS
        return most - len(self._channels)

    async def follow(self, tenant: str) -> Reader:
        """Opens a reader of what is written from now on. Raises `Unavailable`."""
        return await self._read(tenant, "next")

    async def resume(self, tenant: str, position: Position) -> Reader | None:
        """Opens a reader after the entry at `position`; None if the log does not hold it. Raises `Unavailable`."""
        if position.offset > _LARGEST_OFFSET:
            return None
        reader = await self._read(tenant, position.offset)
        with ExitStack() as failed:
            failed.callback(reader.close)
            try:
                if not await reader.take(position):
                    return None
            except ReadingEnded as error:
                raise Unavailable() from error
            failed.pop_all()
        return reader

    def stop(self) -> None:
        """Ends all readers and opens no more."""
        self._stopped = True
        if self._connection is not None and self._connection.is_open:
            self._connection.close()

    async def _read(self, tenant: str, offset: int | str) -> Reader:
        if self._stopped:
            raise Unavailable()
        try:
            reader = Reader(await self._channel(), tenant)
            with ExitStack() as failed:
                failed.callback(reader.close)
                await reader.start(offset)
                failed.pop_all()
        except (AMQPError, OSError) as error:
            raise Unavailable() from error
        return reader

    async def _channel(self) -> Channel:
        async with self._opening:
            if self._connection is None or not self._connection.is_open:
                self._connection = await open_connection(self._parameters, lambda _: None)
        channel = await open_channel(self._connection)
        self._channels.add(channel)
        channel.add_on_close_callback(lambda *_: self._channels.discard(channel))
        return channel


class Reader:
    """Iterates over the entries of one log in order, until its channel closes. Whoever opened it closes it.

    `position`: that of the entry that was taken last.
    """

    def __init__(self, channel: Channel, tenant: str) -> None:
        self._channel: Any = channel
        self._tenant = tenant
        self._offset = 0
        self._entries: asyncio.Queue[Entry | None] = asyncio.Queue()
        self.position: Position | None = None

    async def start(self, offset: int | str) -> None:
        self._offset = offset - 1 if isinstance(offset, int) else 0
        self._channel.add_on_close_callback(lambda *_: self._entries.put_nowait(None))
        # The broker ends the consumer alone if the log is deleted or its leader is lost.
        self._channel.add_on_cancel_callback(lambda _: self._entries.put_nowait(None))
        await answered(self._channel, self._channel.basic_qos, prefetch_count=PREFETCH)
        arguments = {"x-stream-offset": offset}
        queue = log_of(self._tenant)
        await answered(self._channel, self._channel.basic_consume, queue, self._on_entry, arguments=arguments)

    async def take(self, position: Position) -> bool:
        """Takes the entry at `position`, the first of this reader. Returns False if the log does not hold it."""
        while (entry := await self.next(RESUME_TIMEOUT)) is not None:
            if entry.at.offset >= position.offset:
                return position.leads_to(entry.at)
        return False

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
        self.position = entry.at
        return entry

    def close(self) -> None:
        close_channel(self._channel)

    def _on_entry(self, _channel: Channel, method: Any, properties: Any, body: bytes) -> None:
        offset = (properties.headers or {}).get("x-stream-offset")
        # What the sender wrote may hide the offset, but entries come in order.
        self._offset = offset if isinstance(offset, int) else self._offset + 1
        key = method.routing_key if isinstance(method.routing_key, str) else ""  # bytes that are not UTF-8
        at = Position.of(self._offset, body)
        self._entries.put_nowait(Entry(self._tenant, at, method.delivery_tag, key, body))
