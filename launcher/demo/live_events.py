"""Background client of a city's live events (server-sent events)."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from http.client import HTTPException, HTTPResponse
from typing import Any

from launcher.api import Api
from launcher.problems import Stopped

_PATIENCE = 30.0
# The stream sends a heartbeat every 15 seconds.
_SILENCE = 40.0
_PAUSE = 1.0
Event = dict[str, Any]


class Missing(Stopped):
    """An expected event of a step did not arrive."""

    def __init__(self, expected: Sequence[str], received: Sequence[str]) -> None:
        received_types = ", ".join(received) or "nothing"
        super().__init__(f"waited {_PATIENCE:.0f} s for {', '.join(expected)}; received: {received_types}")


class Live:
    """Collects all events that `api` may see, from now on."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._position = ""
        # The response starts once the stream is attached to the log, so no later event is missed.
        self._stream = self._open()
        self._events: list[Event] = []
        self._consumed = 0
        self._arrived = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def of(self, case: str, expected: Sequence[str]) -> list[Event]:
        """Returns the new events of the case, up to the last expected one. Raises `Missing`.

        Later events are kept for the next call: a step may publish before the previous one was read.
        """
        end = time.monotonic() + _PATIENCE
        with self._arrived:
            while not set(expected) <= set(found := [event["type"] for event in self._about(case)]):
                if not self._arrived.wait(end - time.monotonic()):
                    raise Missing(expected, found)
            upto = max((found.index(kind) for kind in expected), default=len(found) - 1) + 1
            events = list(self._about(case))[:upto]
            if events:
                self._consumed = self._events.index(events[-1]) + 1
        return events

    def _about(self, case: str) -> Iterator[Event]:
        for event in self._events[self._consumed :]:
            if case in (event["subject"], event["data"].get("case")):
                yield event

    def _open(self) -> HTTPResponse:
        headers = {"Authorization": f"Bearer {self._api.token}", "Accept": "text/event-stream"}
        if self._position:
            headers["Last-Event-ID"] = self._position
        request = urllib.request.Request(self._api.url + "/v1/events", headers=headers)
        stream: HTTPResponse = urllib.request.urlopen(request, timeout=_SILENCE)
        return stream

    def _read(self) -> None:
        """Reads until the program ends; resumes a broken stream."""
        while True:
            try:
                for line in self._stream:
                    self._take(line)
            except (OSError, HTTPException):
                pass  # the gateway is gone
            time.sleep(_PAUSE)
            try:
                self._stream = self._open()
            except (OSError, HTTPException):
                continue  # still gone

    def _take(self, line: bytes) -> None:
        if line.startswith(b"id: "):
            self._position = line[4:].strip().decode()
        elif line.startswith(b"data: {"):
            event = json.loads(line[6:])
            with self._arrived:
                self._events.append(event)
                self._arrived.notify_all()
