"""Live events: the log of the tenant, read from any offset, as server-sent events within the caller's scope.

The id of an event is its offset in the log, the same at every replica, so that `Last-Event-ID` resumes anywhere.
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

from chassis.errors import Problem
from chassis.security.principal import Principal
from chassis.types import Form
from gateway.api import schema
from gateway.api.endpoint import read_header, read_query
from gateway.events.log_reader import Entry, Reader, ReadingEnded
from gateway.events.stream_limits import OpenStreams
from gateway.events.visibility import Logged, sees, shown
from gateway.http.problems import BadRequest
from gateway.request_context import AppState, RequestContext, context_of

log = logging.getLogger(__name__)

LAST_EVENT_ID = "Last-Event-ID"
_RESUMES = "The id of the last event that was received: the stream goes on behind it."
#: Seconds between two signs of life, and between two looks at whether the sign-in still holds.
HEARTBEAT = 15.0
#: Offsets that the log itself may take where a segment of it begins; a larger gap is a loss.
ROLL = 2

_decode = msgspec.json.Decoder(Logged).decode


class EventFilter(Form, frozen=True, kw_only=True):
    types: Annotated[str, msgspec.Meta(max_length=200, description="Beginnings of types, by comma: `cases.case.`")] = ""
    subject: Annotated[str, msgspec.Meta(max_length=64, description="Only of this case or other record.")] = ""


Position = Annotated[str, msgspec.Meta(max_length=20)]


@dataclass(frozen=True)
class Wanted:
    """Which of the events that they may see somebody asked for."""

    types: tuple[str, ...]
    subject: str

    def takes(self, event: Logged) -> bool:
        return event.name.startswith(self.types or "") and self.subject in ("", event.subject)


async def follow(
    state: AppState, context: RequestContext, token: str, reader: Reader, after: int | None, wanted: Wanted
) -> AsyncIterator[bytes]:
    """The text of the stream, until the sign-in or the reading ends. The reader is closed by who opened it."""
    principal, ends = context.principal, context.caller.expires
    position, checked = after, time.monotonic()
    try:
        yield b"retry: 2000\n\n"
        while state.now() < ends:
            entry = await reader.next(min(HEARTBEAT, max(0.01, ends - state.now())))
            if entry is not None and (position is None or entry.offset > position):
                if position is not None and position == after and entry.offset > position + 1 + ROLL:
                    yield b"event: reset\ndata: {}\n\n"  # the log no longer holds what came after their position
                position = entry.offset
                if text := _text(entry, wanted, principal):
                    yield text
            if time.monotonic() >= checked + HEARTBEAT:
                checked = time.monotonic()
                principal = (await state.callers.of(token)).principal
                yield _alive(position)
    except (Problem, ReadingEnded) as reason:
        log.info("a live stream ends: %s", type(reason).__name__)  # the sign-in was revoked, or the broker is gone


def _text(entry: Entry, wanted: Wanted, principal: Principal) -> bytes:
    """What they are shown of the entry; empty for what they did not ask for or may not see."""
    try:
        event = _decode(entry.body)
    except msgspec.DecodeError:
        log.exception("the log holds something unreadable at %d", entry.offset)
        return b""
    if not wanted.takes(event) or not sees(event, principal):
        return b""
    return b"id: %d\nevent: %b\ndata: %b\n\n" % (entry.offset, event.name.encode(), shown(event, principal))


def _alive(position: int | None) -> bytes:
    """A comment; with the position, so that one who saw nothing yet resumes from here and not from earlier."""
    return b": alive\n\n" if position is None else b"id: %d\n: alive\n\n" % position


class LiveResponse(StreamingResponse):
    """Gives back what it held when the client is gone, be it before the first word of the text."""

    def __init__(self, text: AsyncIterator[bytes], held: ExitStack) -> None:
        super().__init__(text, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held:
            await super().__call__(scope, receive, send)


def add_to(router: APIRouter, state: AppState) -> None:
    streams = OpenStreams()

    @router.get(
        "/v1/events",
        tags=["live events"],
        summary="What happens, as it happens (server-sent events)",
        description=(
            "Who may: anybody signed in; each sees the events of the cases that they may see. The id of an event is "
            "its place in the city's log: send it as `Last-Event-ID` to go on from there, at any replica. A place "
            "that the log no longer holds is answered by an event `reset`: read again what you show. The stream "
            "ends when the sign-in does."
        ),
        responses={200: {"content": {"text/event-stream": {}}}, **schema.problem_responses("GET")},
        response_class=StreamingResponse,
        openapi_extra={"parameters": [*schema.in_query(EventFilter), schema.header(LAST_EVENT_ID, _RESUMES)]},
    )
    async def events(request: Request) -> StreamingResponse:
        chosen = read_query(request, EventFilter)
        last_event_id = read_header(request, LAST_EVENT_ID, Position, default="")
        context = await context_of(state, request)
        if last_event_id and not last_event_id.isdecimal():
            raise BadRequest(reason="Last-Event-ID is not a number that a stream of ours gave")
        after = int(last_event_id) if last_event_id else None
        token = request.headers["authorization"].partition(" ")[2]
        wanted = Wanted(tuple(word for word in chosen.types.split(",") if word), chosen.subject)
        with ExitStack() as held:
            held.enter_context(streams.one_for(context.principal))
            reader = await state.logs.read(context.principal.tenant, after)
            held.callback(reader.close)
            return LiveResponse(follow(state, context, token, reader, after, wanted), held.pop_all())
