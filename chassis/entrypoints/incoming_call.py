"""A call of a service, from its admission to its reply: the boundary at which every error becomes an answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec
from pymongo.errors import PyMongoError

from chassis import metrics
from chassis.concurrency.adaptive_limit import Ticket
from chassis.context import Call, Context, current, fingerprint
from chassis.entrypoints.method_queue import MethodQueue
from chassis.entrypoints.rpc_arguments import Arguments
from chassis.errors import Problem, Unavailable
from chassis.ids import uuid7
from chassis.messaging import amqp
from chassis.messaging.wire import WireCall
from chassis.persistence.failures import may_pass
from chassis.process.runtime import Runtime
from chassis.security.principal import Principal
from chassis.sentences import Words

log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode


class Takes(Protocol):
    """The entrypoint of a method, which takes these arguments."""

    @property
    def arguments(self) -> Arguments: ...


@dataclass(frozen=True)
class Incoming:
    """A call that was admitted: it waits for a worker, or is in one."""

    entry: Takes
    wire: WireCall
    principal: Principal
    ticket: Ticket
    queue: MethodQueue[Incoming]
    runtime: Runtime
    reply: Callable[[bytes], None]

    def run(self, method: Callable[..., Any], words: Callable[[Context], Words | None] = lambda _: None) -> None:
        """Runs the call and replies with its result or with a problem, in the `words` of its tenant."""
        started = time.perf_counter()
        try:
            outcome, body = self._answer(method, words)
        finally:
            self.ticket.answered(time.monotonic())
            self.queue.ended()
        metrics.rpc_seconds.labels(self.wire.method, outcome).observe(time.perf_counter() - started)
        self.reply(body)

    def _answer(self, method: Callable[..., Any], words: Callable[[Context], Words | None]) -> tuple[str, bytes]:
        try:
            return "ok", _encode({"id": self.wire.id, "ok": self._result(method)})
        except Problem as problem:
            return problem.code, problem_reply(self.wire.id, problem, self._words(words))
        except Exception as error:  # noqa: BLE001  # the boundary: the caller gets a reply, the log the cause
            answer = self._problem_of(error)
            return answer.code, problem_reply(self.wire.id, answer)

    def _problem_of(self, error: Exception) -> Problem:
        """Repeating helps if the database or the broker is away or busy; what they refuse, they refuse again."""
        if isinstance(error, PyMongoError) and may_pass(error):
            log.warning("the database failed %s: %s", self.wire.method, type(error).__name__)
            return Unavailable()
        if amqp.is_away(error):
            log.warning("the broker failed %s: %s", self.wire.method, type(error).__name__)
            return Unavailable()
        log.error("%s failed", self.wire.method, exc_info=error)
        return Problem()

    @staticmethod
    def _words(words: Callable[[Context], Words | None]) -> Words | None:
        context = current.get()
        return words(context) if context else None

    def _result(self, method: Callable[..., Any]) -> Any:
        call = self._call()
        current.set(call)
        call.require_time(time.time())
        return method(call, **self.entry.arguments.read(self.wire.args))

    def _call(self) -> Call:
        wire = self.wire
        return Call(
            tenant=self.principal.tenant,
            actor=self.principal.subject,
            principal=self.principal,
            now=self.runtime.clock.now(),
            method=wire.method,
            key=wire.key,
            fingerprint=fingerprint(wire.method, wire.args, wire.key) if wire.key else "",
            if_match=wire.if_match,
            deadline=wire.deadline,
            correlation_id=wire.correlation_id or uuid7(),
            traceparent=wire.traceparent,
        )


def problem_reply(call_id: str, problem: Problem, words: Words | None = None) -> bytes:
    try:
        return _encode({"id": call_id, "problem": problem.to_wire(words)})
    except Exception:  # the boundary: the problem itself must reach the caller, if without names
        log.exception("no words for %s", problem.code)
        return _encode({"id": call_id, "problem": problem.to_wire()})
