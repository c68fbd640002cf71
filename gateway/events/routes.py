"""Route of live events: streams the tenant's log as server-sent events, filtered to what the caller may see.

The id of an event is its position in the log, the same at every replica, so `Last-Event-ID` resumes at any of them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from chassis.envelope import UNREADABLE, Envelope, Unreadable
from chassis.errors import Problem
from chassis.security.principal import Principal
from chassis.types import AnyText, Form, Word
from gateway.api import headers, schema
from gateway.api.endpoint import read_header, read_query
from gateway.events.entries import event_of, report
from gateway.events.log_reader import Entry, Reader, ReadingEnded
from gateway.events.positions import Position
from gateway.events.recent_ids import MOST_IDS, RecentIds
from gateway.events.visibility import sees, shown
from gateway.http.problems import BadRequest
from gateway.request_context import AppState, RequestContext, context_of

log = logging.getLogger(__name__)

LAST_EVENT_ID = "Last-Event-ID"
_RESUMES = "The id of the last event received; the stream resumes after it."
#: Seconds between two heartbeats, and between two checks of the sign-in.
HEARTBEAT = 15.0
_RESET = b"event: reset\ndata: {}\n\n"


class EventFilter(Form, frozen=True, kw_only=True):
    types: Annotated[
        AnyText, msgspec.Meta(max_length=200, description="Prefixes of event types, separated by commas: `cases.case.`")
    ] = ""
    subject: Annotated[Word, msgspec.Meta(description="Only events of this case or other record.")] = ""


EventId = Annotated[str, msgspec.Meta(max_length=30)]


@dataclass(frozen=True)
class Filter:
    """Filter of a live stream."""

    types: tuple[str, ...]
    subject: str

    def matches(self, event: Envelope) -> bool:
        return event.name.startswith(self.types or "") and self.subject in ("", event.subject)


async def follow(
    state: AppState, context: RequestContext, token: str, reader: Reader, filtered: Filter, *, reset: bool = False
) -> AsyncIterator[bytes]:
    """Yields the text of the stream until the sign-in or the reader ends. `reset`: it does not resume where asked."""
    principal, ends = context.principal, context.caller.expires
    recent, checked = RecentIds(), time.monotonic()
    try:
        yield b"retry: 2000\n\n"
        if reset:
            yield _RESET
        while state.now() < ends:
            entry = await reader.next(min(HEARTBEAT, max(0.01, ends - state.now())))
            if entry is not None and (text := text_of(entry, filtered, principal, recent)):
                yield text
            if time.monotonic() >= checked + HEARTBEAT:
                checked = time.monotonic()
                principal = (await state.callers.of(token)).principal
                yield _heartbeat(reader.position)
    except (Problem, ReadingEnded) as reason:
        log.info("a live stream ends: %s", type(reason).__name__)  # revoked sign-in or lost broker


def text_of(entry: Entry, filtered: Filter, principal: Principal, recent: RecentIds) -> bytes:
    """Returns the entry as a server-sent event; empty if it is filtered out, hidden or shown already.

    An entry that cannot be read becomes the notice `skipped`: what it was about, and so who may see it, is not known.
    """
    try:
        event = event_of(entry)
        if not filtered.matches(event) or not sees(event, principal):
            return b""
        data = shown(event, principal)
    except (Unreadable, *UNREADABLE):
        report(entry)
        return b"id: %b\nevent: skipped\ndata: {}\n\n" % str(entry.at).encode()
    # Its type tells who published it: no service can hide another's event behind the same id.
    if not recent.add(event.name, event.id):
        return b""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (str(entry.at).encode(), event.name.encode(), data)


def _heartbeat(position: Position | None) -> bytes:
    """Returns a comment with the position, so that a client that saw no event yet resumes from here."""
    return b": alive\n\n" if position is None else b"id: %b\n: alive\n\n" % str(position).encode()


class LiveResponse(StreamingResponse):
    """Streaming response that releases its resources when the client leaves, even before the first byte."""

    def __init__(self, text: AsyncIterator[bytes], resources: ExitStack) -> None:
        super().__init__(text, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._resources = resources

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._resources:
            await super().__call__(scope, receive, send)


_DESCRIPTION = (
    "Available to: anyone signed in, for the events of the cases that they may see. The id of an event is its position "
    "in the city's log: send it as `Last-Event-ID` to resume from there, at any replica. If the log does not hold that "
    "position, the stream sends an event `reset` and goes on with what happens from now on: reload what you show. An "
    "event `skipped` stands for an entry of the log that cannot be read; its `id` is the entry's position, and nothing "
    "else is known of it. An event that was published again is not shown again on a connection, unless "
    f"{MOST_IDS:,} others that you may see came between. After a reconnection, the `id` in an event's data tells "
    "whether it is a repeated one. The stream ends with the sign-in."
)


def add_to(router: APIRouter, state: AppState) -> None:
    @router.get(
        "/v1/events",
        operation_id="gateway.follow_events",
        tags=["live events"],
        summary="Follow live events (server-sent events)",
        description=_DESCRIPTION,
        responses={200: schema.file_answer("text/event-stream"), **schema.problem_responses("GET")},
        response_class=StreamingResponse,
        openapi_extra={
            "parameters": [*schema.in_query(EventFilter), headers.parameter(LAST_EVENT_ID, _RESUMES)],
            "security": [{"bearer": []}],
        },
    )
    async def events(request: Request) -> StreamingResponse:
        query = read_query(request, EventFilter)
        last_event_id = read_header(request, LAST_EVENT_ID, EventId, default="")
        context = await context_of(state, request)
        position = Position.read(last_event_id)
        if last_event_id and position is None:
            raise BadRequest(reason="Last-Event-ID must be an event id from this stream")
        token = request.headers["authorization"].partition(" ")[2]
        filtered = Filter(tuple(prefix for prefix in query.types.split(",") if prefix), query.subject)
        if request.method == "HEAD" or await request.is_disconnected():  # a reader for nobody is work for all
            return StreamingResponse((), media_type="text/event-stream")
        with ExitStack() as resources:
            resources.enter_context(state.streams.one_for(context.principal, context.address))
            tenant = context.principal.tenant
            resumed = await state.logs.resume(tenant, position) if position else None
            reader = resumed or await state.logs.follow(tenant)
            resources.callback(reader.close)
            reset = position is not None and resumed is None
            text = follow(state, context, token, reader, filtered, reset=reset)
            return LiveResponse(text, resources.pop_all())
