"""Fake service in the test process, over the real broker."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pika

from chassis.errors import Expired, Problem
from gateway.rpc.connection import REPLIES, REQUESTS, answered, open_channel, open_connection

Answer = Callable[[dict[str, Any]], Awaitable[Any]]


async def echo(call: dict[str, Any]) -> Any:
    return call["args"]


class FakeService:
    """Handles each call with the function set for its method (default `echo`); replies one by one."""

    def __init__(self, uri: str, name: str) -> None:
        self._uri = uri
        self._name = name
        self._queue = f"requests.{name}"
        self._tag = f"{name}.{id(self)}"
        self.answers: dict[str, Answer] = {}
        self.messages: list[list[dict[str, Any]]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def calls(self) -> list[dict[str, Any]]:
        return [call for message in self.messages for call in message]

    async def start(self) -> None:
        self._connection = await open_connection(pika.URLParameters(self._uri), lambda _: None)
        self._channel = await open_channel(self._connection)
        for exchange in (REQUESTS, REPLIES):
            await answered(self._channel, self._channel.exchange_declare, exchange, "direct", durable=True)
        await answered(self._channel, self._channel.queue_declare, self._queue)
        await answered(self._channel, self._channel.queue_bind, self._queue, REQUESTS, self._name)
        await self.wake()

    async def wake(self) -> None:
        await answered(
            self._channel,
            self._channel.basic_consume,
            self._queue,
            self._on_message,
            auto_ack=True,
            consumer_tag=self._tag,
        )

    async def rest(self) -> None:
        """Stops consuming; the queue stays."""
        await answered(self._channel, self._channel.basic_cancel, self._tag)

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        if self._connection.is_open:
            await answered(self._channel, self._channel.queue_delete, self._queue)
            self._connection.close()
        while not self._connection.is_closed:
            await asyncio.sleep(0.01)

    def _on_message(self, _channel: Any, _method: Any, properties: Any, body: bytes) -> None:
        calls = msgspec.json.decode(body)["calls"]
        self.messages.append(calls)
        for call in calls:
            task = asyncio.get_running_loop().create_task(self._run(call, properties.reply_to))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _run(self, call: dict[str, Any], reply_to: str) -> None:
        try:
            if call["deadline"] < time.time():
                raise Expired()
            reply = {"id": call["id"], "ok": await self.answers.get(call["method"], echo)(call)}
        except Problem as problem:
            reply = {"id": call["id"], "problem": problem.to_wire()}
        self.reply(reply_to, reply)

    def reply(self, reply_to: str, reply: dict[str, Any]) -> None:
        self.reply_as(reply_to, msgspec.json.encode(reply), pika.BasicProperties(delivery_mode=1))

    def reply_as(self, reply_to: str, body: bytes, properties: pika.BasicProperties) -> None:
        self._channel.basic_publish(REPLIES, reply_to, body, properties)
