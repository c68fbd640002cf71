"""The demo's reader of live events hands out each event once, in the step that it belongs to."""

from __future__ import annotations

import threading

from launcher.demo.live_events import Event, Live


def event(kind: str, subject: str = "CASE") -> Event:
    return {"type": kind, "subject": subject, "data": {}}


def live_with(*events: Event) -> Live:
    live = Live.__new__(Live)
    live._events, live._consumed, live._arrived = list(events), 0, threading.Condition()
    return live


def test_what_came_early_stays_for_the_step_that_asks_for_it() -> None:
    live = live_with(event("rated"), event("closed"), event("other", "ANOTHER"), event("review"))
    assert [told["type"] for told in live.of("CASE", ["rated", "closed"])] == ["rated", "closed"]
    assert [told["type"] for told in live.of("CASE", ["review"])] == ["review"]


def test_events_between_the_wanted_ones_are_told_with_them() -> None:
    live = live_with(event("accepted"), event("started"), event("contacted"))
    assert [told["type"] for told in live.of("CASE", ["started"])] == ["accepted", "started"]
