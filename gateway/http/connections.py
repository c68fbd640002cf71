"""Protocol of one HTTP connection: uvicorn's, with time-outs for slow senders and readers, and a limit by address.

It answers requests that are refused without asking the application: a task and the way through it would cost as much as
ten refusals (docs/decisions/0035).

uvicorn itself only closes connections that are idle between two requests.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, TypeAlias

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from chassis.errors import Problem
from chassis.ids import uuid7
from gateway.http import problems
from gateway.http.addresses import counted_as
from gateway.http.problems import TooManyRequests

#: Returns the response if a request of this ASGI scope is refused at once.
Refusal: TypeAlias = Callable[[Scope], bytes | None]
#: Bytes of the headers of a request. What a proxy and a browser add stays below 16 kB.
MOST_HEADER_BYTES = 64 * 1024
#: Requests that may wait for the answer to an earlier one on the same connection. uvicorn reads on without end.
MOST_PIPELINED = 100


class RequestTimeout(Problem):
    """The headers or the body did not arrive in time."""

    status = 408
    code = "request_timeout"
    en = "The request did not arrive in time; send it again, over a faster connection."
    zh = "请求未能在规定时间内传完，请换用较快的网络后重试。"


class HeadersTooLarge(Problem):
    """`limit`: bytes."""

    status = 431
    code = "headers_too_large"
    en = "The headers of the request have more than {limit} bytes."
    zh = "请求头超过 {limit} 字节。"


@dataclass(frozen=True)
class ConnectionLimits:
    """Times are in seconds. A body has a second more for each `body_min_rate` bytes that arrived, but whoever sends
    nothing for `body_timeout` is cut off: what came fast must not pay for a long silence.

    `send_timeout`: for what the client does not read. An address has `of_address` connections, unless it is one of the
    `proxies`, which bring the connections of many.
    """

    header_timeout: float
    body_timeout: float
    body_min_rate: float
    send_timeout: float
    of_address: int
    proxies: tuple[IPv4Network | IPv6Network, ...]

    def is_proxy(self, host: str) -> bool:
        return _is_in(self.proxies, host)


@lru_cache(maxsize=4096)
def _is_in(networks: tuple[IPv4Network | IPv6Network, ...], host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)


class BoundedConnection(HttpToolsProtocol):
    """`open_connections`: how many each address has, shared by all connections of a server."""

    def __init__(
        self,
        *given: Any,
        refusal: Refusal,
        limits: ConnectionLimits,
        open_connections: Counter[str],
        **more: Any,
    ) -> None:
        super().__init__(*given, **more)
        self._refusal = refusal
        self._answering: RequestResponseCycle | None = None  # uvicorn's own `cycle` is the newest, which may wait
        self._limits = limits
        self._open = open_connections
        self._counted_as = ""
        self._header_timer: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._reading_headers = False
        self._body_timer: asyncio.TimerHandle | None = None
        self._body_due = 0.0
        self._reading_body = False
        self._send_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        host = self.client[0] if self.client else ""
        if host and not self._limits.is_proxy(host):
            self._counted_as = counted_as(host)
            self._open[self._counted_as] += 1
        if self._open[self._counted_as] > self._limits.of_address:
            self._refuse(TooManyRequests(retry_after=max(1, int(self._limits.header_timeout))))
        else:
            self._await_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._header_timer, self._body_timer, self._send_timer):
            _cancel(timer)
        if self._counted_as:
            self._open[self._counted_as] -= 1
            if not self._open[self._counted_as]:
                del self._open[self._counted_as]
        self._tell_that_the_client_is_gone()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        waited = self._header_timer
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._reading_body:
            self._await_body()
        elif self._reading_headers or self.cycle is None or self.cycle.response_complete:
            self._await_headers()
        if waited is not None and waited is self._header_timer:
            self._header_bytes += len(data)
            if self._header_bytes > MOST_HEADER_BYTES:
                self._refuse(HeadersTooLarge(limit=MOST_HEADER_BYTES))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reading_headers = True

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._reading_headers:  # and not trailers, which nobody here reads
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._reading_headers = False
        _cancel(self._header_timer)
        self._header_timer = None
        self._reading_body = True
        self._body_due = self.loop.time() + self._limits.body_timeout
        if len(self.pipeline) < MOST_PIPELINED:
            super().on_headers_complete()
        else:
            self.transport.close()  # without words: they would be taken for the answer to an earlier request

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self._answering = cycle
        scope: Any = cycle.scope  # uvicorn's types of the scope are narrower than ASGI's
        refusal = None if self._must_wait(cycle) else self._refusal(scope)
        if refusal is None:
            super()._start_asgi_task(cycle, app)
            return
        cycle.response_started = cycle.response_complete = True
        self.transport.write(refusal)
        self.on_response_complete()

    def _must_wait(self, cycle: RequestResponseCycle) -> bool:
        """Whether the answer has to wait, which only a task can: until the client reads what was sent before, for its
        turn among pipelined requests, for a body that is sent only if asked for, or for the end of the connection.
        """
        waits = cycle.waiting_for_100_continue or not cycle.keep_alive
        return waits or self.flow.write_paused or bool(self.pipeline)

    def on_body(self, body: bytes) -> None:
        most = self.loop.time() + self._limits.body_timeout
        self._body_due = min(self._body_due + len(body) / self._limits.body_min_rate, most)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._reading_body = False
        _cancel(self._body_timer)
        self._body_timer = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._send_timer = self.loop.call_later(self._limits.send_timeout, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        _cancel(self._send_timer)
        self._send_timer = None

    def _await_headers(self) -> None:
        if self._header_timer is None:
            self._header_bytes = 0
            self._header_timer = self.loop.call_later(self._limits.header_timeout, self._headers_are_late)

    def _headers_are_late(self) -> None:
        if self._reading_headers:
            self._refuse(RequestTimeout())
        else:
            self.transport.close()  # a client may connect early and send nothing

    def _await_body(self) -> None:
        if self._body_timer is None:
            self._body_timer = self.loop.call_at(self._body_due, self._check_body)

    def _check_body(self) -> None:
        self._body_timer = None
        if self.flow.read_paused:  # not the sender is slow: the request waits for a service
            self._body_due = self.loop.time() + self._limits.body_timeout
        if self._body_due > self.loop.time():
            self._await_body()
        else:
            self._refuse(RequestTimeout(), self.cycle)

    def _refuse(self, problem: Problem, request: RequestResponseCycle | None = None) -> None:
        """Closes the connection; says why if that cannot be taken for the answer to another request.

        `request`: which the problem is about; None for one whose headers are not all there.
        """
        answering = self._answering
        if request is None:
            may_speak = answering is None or answering.response_complete
        else:
            may_speak = request is answering and not request.response_started
        if may_speak:
            self.transport.write(_raw(problem))
        self._tell_that_the_client_is_gone()  # whoever waits for the rest of the body hears of it now
        self.transport.close()

    def _tell_that_the_client_is_gone(self) -> None:
        for cycle in (self._answering, *(waiting for waiting, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    if timer is not None:
        timer.cancel()


def _raw(problem: Problem) -> bytes:
    """Returns the problem as an HTTP response in Chinese: the reader's language may not have arrived."""
    answer = problems.response(problem, "zh-CN", uuid7())
    head = [f"HTTP/1.1 {answer.status_code} ".encode(), b"connection: close"]
    head += [name + b": " + value for name, value in answer.raw_headers]
    return b"\r\n".join([*head, b"", bytes(answer.body)])
