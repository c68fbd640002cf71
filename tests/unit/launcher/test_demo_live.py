"""The demo's client of live events returns each event once, in the step that it belongs to."""

from __future__ import annotations

import threading

from launcher.demo.live_events import Event, Live


def event(kind: str, subject: str = "CASE") -> Event:
    return {"type": kind, "subject": subject, "data": {}}


def live_with(*events: Event) -> Live:
    live = Live.__new__(Live)
    live._events, live._consumed, live._arrived = list(events), 0, threading.Condition()
    return live


def test_an_early_event_is_kept_for_the_step_that_expects_it() -> None:
    live = live_with(event("rated"), event("closed"), event("other", "ANOTHER"), event("review"))
    assert [received["type"] for received in live.of("CASE", ["rated", "closed"])] == ["rated", "closed"]
    assert [received["type"] for received in live.of("CASE", ["review"])] == ["review"]


def test_events_before_an_expected_one_are_returned_with_it() -> None:
    live = live_with(event("accepted"), event("started"), event("contacted"))
    assert [received["type"] for received in live.of("CASE", ["started"])] == ["accepted", "started"]
