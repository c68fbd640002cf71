"""RPC client over the broker: batches calls under load; each keeps its own principal, trace and deadline.

A call marked `batched` is sent at once while few messages are in flight to its service (`ConcurrencyLimit`).
Above that it waits, and waiting calls share the next message. Other calls are sent at once, unbatched.
How many calls to a service are open, waiting or sent, is bounded by how many come back in time (`AdaptiveLimit`).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chassis.concurrency.adaptive_limit import AdaptiveLimit, Ticket
from chassis.envelope import UNREADABLE
from chassis.errors import Overloaded, Problem, RemoteProblem, Unavailable, UnreadableRequest
from chassis.ids import uuid7
from chassis.messaging.wire import WireCall, WireProblem
from gateway import metrics
from gateway.http.problems import NoAnswer, NoService
from gateway.rpc.batching import BATCH, ConcurrencyLimit, FairQueue
from gateway.rpc.connection import Broker

log = logging.getLogger(__name__)

#: Default timeout in seconds.
TIMEOUT = 10.0
#: Replies of one message whose callers are woken before the loop reads what came meanwhile.
REPLIES_AT_ONCE = 8
#: Seconds for which calls wait for a service without replicas.
ABSENCE_LIMIT = 3.0


class _Reply(msgspec.Struct):
    id: str = ""
    ok: msgspec.Raw = msgspec.Raw(b"null")
    problem: WireProblem | None = None
    replies: list[_Reply] = []


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(_Reply)


@dataclass(slots=True, eq=False)
class _Message:
    """A message in flight. `open`: ids of its unanswered calls; `counted`: whether it holds a slot."""

    id: str
    lane: _Lane
    calls: int
    sent: float
    counted: bool
    open: set[str]
    slow_timer: asyncio.TimerHandle | None = None


@dataclass(slots=True, eq=False)
class _Call:
    id: str
    body: bytes
    service: str
    ticket: Ticket
    answer: asyncio.Future[bytes]
    timer: asyncio.TimerHandle
    message: _Message | None = None


@dataclass(slots=True, eq=False)
class _Lane:
    """State of one service: the limits of calls and of messages, waiting calls and messages in flight."""

    service: str
    calls: AdaptiveLimit = field(default_factory=AdaptiveLimit)
    own: AdaptiveLimit = field(default_factory=AdaptiveLimit)
    limit: ConcurrencyLimit = field(default_factory=ConcurrencyLimit)
    waiting: FairQueue[_Call] = field(default_factory=FairQueue)
    in_flight: int = 0
    absent_since: float | None = None

    def require_service(self) -> None:
        """Raises `NoService` after `ABSENCE_LIMIT` seconds without a replica; until then, calls wait for a restart."""
        if self.absent_since is not None and time.monotonic() > self.absent_since + ABSENCE_LIMIT:
            raise NoService()


class RpcClient:
    """Client of all services."""

    def __init__(self, broker: Broker, *, clock: Callable[[], float] = time.time) -> None:
        self._broker = broker
        self._clock = clock
        self._lanes: dict[str, _Lane] = {}
        self._calls: dict[str, _Call] = {}
        self._messages: dict[str, _Message] = {}

    @property
    def open(self) -> int:
        """Number of unanswered calls."""
        return len(self._calls)

    async def call(
        self,
        service: str,
        method: str,
        args: dict[str, Any],
        *,
        tenant: str,
        principal: str,
        key: str = "",
        if_match: int | None = None,
        correlation_id: str = "",
        traceparent: str = "",
        batched: bool = False,
        own: bool = False,
        timeout: float = TIMEOUT,
    ) -> bytes:
        """Returns the answer as JSON. Raises the service's own problem, `NoAnswer`, `Overloaded` or `Unavailable`.

        `tenant`: whose share of the limits the call uses. Whom it is for, the service reads from `principal`. `own`:
        the gateway asks for itself, what it needs before it can make other calls; so it has a limit of its own.
        """
        request = WireCall(
            id=uuid7(),
            method=method,
            args=args,
            principal=principal,
            key=key,
            if_match=if_match,
            deadline=self._clock() + timeout,
            correlation_id=correlation_id,
            traceparent=traceparent,
        )
        started = time.perf_counter()
        outcome = "ok"
        try:
            return await self._start(service, tenant, request, batched, own, timeout)
        except Problem as problem:
            outcome = problem.to_wire()["code"]
            raise
        finally:
            metrics.call_seconds.labels(service, method, outcome).observe(time.perf_counter() - started)

    def lets_in(self, service: str, method: str, tenant: str) -> bool:
        """Returns whether a call that is about to be made has room; if not, it counts as refused.

        Those that are let in have a place until their tasks run: many requests arrive in one turn of the loop.
        """
        calls = self._lane(service).calls
        if calls.reserve(method, tenant):
            asyncio.get_running_loop().call_soon(calls.release, method, tenant)  # right before its task
            return True
        metrics.call_seconds.labels(service, method, Overloaded.code).observe(0)
        return False

    def _start(
        self, service: str, tenant: str, request: WireCall, batched: bool, own: bool, timeout: float
    ) -> asyncio.Future[bytes]:
        if not self._broker.ready:
            raise Unavailable()
        lane = self._lane(service)
        lane.require_service()
        try:
            body = _encode(request)  # before it takes a place
        except RecursionError as error:
            raise UnreadableRequest() from error
        limit = lane.own if own else lane.calls
        ticket = limit.take(request.method, tenant, time.monotonic(), timeout)
        loop = asyncio.get_running_loop()
        timer = loop.call_later(timeout, self._expire, request.id)
        call = _Call(request.id, body, service, ticket, loop.create_future(), timer)
        self._calls[request.id] = call
        if not batched:
            self._send(lane, [call], counted=False)
        else:
            lane.waiting.add(tenant, call)
            self._fill(lane)
        return call.answer

    def _lane(self, service: str) -> _Lane:
        lane = self._lanes.get(service)
        if lane is None:
            lane = self._lanes[service] = _Lane(service)
            metrics.calls_allowed.labels(service).set_function(lambda: lane.calls.allowed)
            metrics.calls_in_flight.labels(service).set_function(lambda: lane.calls.in_flight)
            metrics.calls_waiting.labels(service).set_function(lambda: len(lane.waiting))
            metrics.messages_in_flight.labels(service).set_function(lambda: lane.in_flight)
            metrics.messages_allowed.labels(service).set_function(lambda: lane.limit.allowed())
        return lane

    def _fill(self, lane: _Lane) -> None:
        """Sends waiting calls while the limit allows another message."""
        while len(lane.waiting) and lane.in_flight < lane.limit.allowed():
            calls = [call for call in lane.waiting.take(BATCH) if not call.answer.done()]
            if calls and self._broker.ready:
                self._send(lane, calls, counted=True)
            else:
                self._fail((call.id for call in calls), Unavailable)

    def _send(self, lane: _Lane, calls: list[_Call], *, counted: bool) -> None:
        ids = {call.id for call in calls}
        message = _Message(calls[0].id, lane, len(calls), time.monotonic(), counted, ids)
        if counted:
            lane.in_flight += 1
            message.slow_timer = asyncio.get_running_loop().call_later(ConcurrencyLimit.SLOW, self._release, message)
        self._messages[message.id] = message
        for call in calls:
            call.message = message
        metrics.message_calls.labels(lane.service).observe(len(calls))
        body = b'{"calls":[' + b",".join(call.body for call in calls) + b"]}"
        self._broker.publish(lane.service, message.id, body)

    @property
    def services(self) -> list[str]:
        """Services called so far."""
        return list(self._lanes)

    def on_replicas(self, service: str, count: int) -> None:
        lane = self._lanes[service]
        lane.limit.replicas = count
        lane.absent_since = None if count else lane.absent_since or time.monotonic()

    def on_reply(self, body: bytes) -> None:
        try:
            reply = _decoder.decode(body)
        except UNREADABLE as error:
            log.error("a reply cannot be read: %s", type(error).__name__)
            return
        self._take_replies(reply.replies or [reply])

    def _take_replies(self, replies: list[_Reply]) -> None:
        """Wakes the callers of a few replies at once: whoever comes meanwhile must not wait for all of a batch."""
        for each in replies[:REPLIES_AT_ONCE]:
            self._take_reply(each)
        if len(replies) > REPLIES_AT_ONCE:
            asyncio.get_running_loop().call_soon(self._take_replies, replies[REPLIES_AT_ONCE:])

    def _take_reply(self, reply: _Reply) -> None:
        message = self._messages.get(reply.id)
        if reply.problem is not None and reply.problem.code == UnreadableRequest.code and message is not None:
            self._fail(list(message.open), UnreadableRequest)
            return
        call = self._finish(reply.id)
        if call is None:
            return  # answered after its deadline
        _settle(call.ticket, reply.problem)
        if call.answer.done():
            return  # the caller went away
        if reply.problem is None:
            call.answer.set_result(bytes(reply.ok))
        else:
            call.answer.set_exception(RemoteProblem(msgspec.structs.asdict(reply.problem)))

    def on_returned(self, message: str) -> None:
        returned = self._messages.get(message)
        if returned is not None:
            self._fail(list(returned.open), NoService)

    def on_lost(self) -> None:
        """Fails all open calls. They may have run, so callers repeat them with the same key."""
        self._fail(list(self._calls), Unavailable)

    def _expire(self, id_: str) -> None:
        call = self._finish(id_)
        if call is None:
            return
        call.ticket.answered(time.monotonic())
        if not call.answer.done():
            call.answer.set_exception(NoAnswer(service=call.service))

    def _fail(self, ids: Iterable[str], problem: type[Problem]) -> None:
        for id_ in ids:
            call = self._finish(id_)
            if call is None:
                continue
            call.ticket.lost()
            if not call.answer.done():
                call.answer.set_exception(problem())

    def _finish(self, id_: str) -> _Call | None:
        """Removes an open call, and its message with the last one."""
        call = self._calls.pop(id_, None)
        if call is None:
            return None
        call.timer.cancel()
        message = call.message
        if message is not None:
            message.open.discard(id_)
            if not message.open:
                del self._messages[message.id]
                self._release(message)
        return call

    def _release(self, message: _Message) -> None:
        """Frees the slot of a message that is answered or slow: a slow call must not block the others."""
        if not message.counted:
            return
        message.counted = False
        if message.slow_timer is not None:
            message.slow_timer.cancel()
        message.lane.in_flight -= 1
        message.lane.limit.finished(message.calls, time.monotonic() - message.sent)
        self._fill(message.lane)


def _settle(ticket: Ticket, problem: WireProblem | None) -> None:
    if problem is not None and problem.code == Overloaded.code:
        ticket.refused(time.monotonic())
    else:
        ticket.answered(time.monotonic())
