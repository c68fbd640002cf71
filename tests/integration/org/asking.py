"""Asks a running org as the gateway does, and reads what it published from the log of the tenant."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from chassis import amqp
from chassis.access import Principal
from launcher.calling import Caller
from launcher.definitions import GATEWAY
from tests.servers.site import Site

PATIENCE = 30.0
T = TypeVar("T")


class Asking:
    """One caller with a connection of its own; `close` it."""

    def __init__(self, site: Site) -> None:
        self._uri = site.amqp(GATEWAY)
        self._caller = Caller(self._uri, site.keys.principal_private)

    def ask(self, by: Principal, method: str, *, key: str = "", if_match: int | None = None, **args: Any) -> Any:
        """The answer; raises `RemoteProblem`."""
        return self._caller.call("org", method, msgspec.to_builtins(args), by=by, key=key, if_match=if_match)

    def events(self, tenant: str, kind: str) -> list[dict[str, Any]]:
        """Every event of that type in the log of the tenant, from its beginning.

        Not with pika: it hands back what it still has when it ends, which a stream refuses.
        """
        connection = amqp.connect(self._uri)
        channel = connection.channel()
        channel.basic_qos(0, 1000, False)
        bodies: list[str] = []

        def keep(message: Any) -> None:
            bodies.append(message.body)
            channel.basic_ack(message.delivery_tag)

        length = channel.queue_declare(f"log.{tenant}", passive=True).message_count
        channel.basic_consume(f"log.{tenant}", callback=keep, arguments={"x-stream-offset": "first"})
        wait_for(lambda: amqp.waits(connection, 0.05) and len(bodies) >= length)
        amqp.close(connection)
        events = [msgspec.json.decode(body) for body in bodies]
        return [event for event in events if event["type"] == f"linli.{kind}"]

    def close(self) -> None:
        self._caller.close()


def wait_for(condition: Callable[[], T | None], seconds: float = PATIENCE) -> T:
    """What the condition gives as soon as it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds} s for {condition}")
