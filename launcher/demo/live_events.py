"""Reads a city's live events (server-sent events) while something else happens."""

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
# The stream gives a sign of life every 15 seconds.
_SILENCE = 40.0
_PAUSE = 1.0
Event = dict[str, Any]


class Missing(Stopped):
    """An event that a step must have put on the broker did not come."""

    def __init__(self, wanted: Sequence[str], came: Sequence[str]) -> None:
        super().__init__(f"waited {_PATIENCE:.0f} s for {', '.join(wanted)}; received: {', '.join(came) or 'nothing'}")


class Live:
    """Every event that `api` sees, from now on."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._position = ""
        # The answer begins once the stream is attached to the log: whatever happens after this line is seen.
        self._stream = self._open()
        self._events: list[Event] = []
        self._told = 0
        self._news = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def of(self, case: str, wanted: Sequence[str]) -> list[Event]:
        """Those about the case since the last time, up to the last one that is wanted. Raises `Missing`.

        What came after that stays for the next time: a step may be quicker than the question for the one before.
        """
        end = time.monotonic() + _PATIENCE
        with self._news:
            while not set(wanted) <= set(found := [event["type"] for event in self._about(case)]):
                if not self._news.wait(end - time.monotonic()):
                    raise Missing(wanted, found)
            upto = max((found.index(kind) for kind in wanted), default=len(found) - 1) + 1
            events = list(self._about(case))[:upto]
            if events:
                self._told = self._events.index(events[-1]) + 1
        return events

    def _about(self, case: str) -> Iterator[Event]:
        for event in self._events[self._told :]:
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
        """For as long as the program runs; a stream that breaks off is taken up where it was."""
        while True:
            try:
                for line in self._stream:
                    self._take(line)
            except (OSError, HTTPException):
                pass  # the gateway went away
            time.sleep(_PAUSE)
            try:
                self._stream = self._open()
            except (OSError, HTTPException):
                continue  # and is not back yet

    def _take(self, line: bytes) -> None:
        if line.startswith(b"id: "):
            self._position = line[4:].strip().decode()
        elif line.startswith(b"data: {"):
            event = json.loads(line[6:])
            with self._news:
                self._events.append(event)
                self._news.notify_all()
