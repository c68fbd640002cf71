"""Small services, run as the process `cases`: one without event handlers, one without commands, and a next version."""

from __future__ import annotations

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import query
from chassis.process.runtime import Data
from tests.integration.chassis.sample import Added, Mirror, Tally


class Answering:
    name = "cases"
    data = Data(Tally)

    @query
    def count(self, call: Call) -> int:
        return self.data.of(call).count(Tally, {})


class Listening:
    name = "cases"
    data = Data(Mirror)

    @handles(Added)
    def on_added(self, event: Received) -> None:
        """Handles the event and does nothing."""


ADDED_NEXT = "cases.tally.added.v2"


class Successor:
    """The next version of the sample: it handles another version of its event, and no longer the former one."""

    name = "cases"
    data = Data(Mirror)

    @handles(ADDED_NEXT)
    def on_added(self, event: Received) -> None:
        self.data.of(event).apply_replica(Mirror, event.envelope.subject, event, {"name": "next"})
