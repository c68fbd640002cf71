"""The reconnect loop of consumers."""

from __future__ import annotations

import eventlet
import pytest

from chassis.entrypoints.reconnecting import consume_until
from chassis.process.runtime import Health


def test_delays_grow_until_a_connection_stands_and_then_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    delays: list[float] = []
    monkeypatch.setattr(eventlet, "sleep", delays.append)
    health = Health()
    health.expect("requests")
    attempts = iter(["refused", "refused", "lost", "refused", "stopped"])
    ended = False

    def consume() -> None:
        nonlocal ended
        match next(attempts):
            case "refused":
                raise ConnectionRefusedError("refused")
            case "lost":
                health.up("requests")
                raise EOFError("lost")
            case _:
                health.up("requests")
                ended = True

    consume_until(lambda: ended, consume, "requests", health)
    assert delays == [0.1, 0.2, 0.1, 0.2]
    assert health.ready
