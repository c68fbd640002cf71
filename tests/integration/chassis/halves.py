"""Two small services, run as the process `cases`: one without event handlers, one without commands."""

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
