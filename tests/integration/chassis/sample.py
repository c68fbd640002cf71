"""A small service on the chassis, run as the process `cases`: tallies, a replica of them and a projection."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
from mongoengine import IntField, StringField

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.resync import Resyncing
from chassis.entrypoints.rpc_server import command, query
from chassis.envelope import Event
from chassis.errors import Refused
from chassis.persistence.aggregate import Aggregate, Replica
from chassis.process.runtime import Data
from chassis.usecases.visibility import VisibleToTenant

Key = Annotated[str, msgspec.Meta(max_length=64)]


class Opened(Event):
    type: ClassVar[str] = "cases.tally.opened.v1"
    name: str
    count: int = 0


class Added(Event):
    """Carries the full state, so that a replica needs no other event."""

    type: ClassVar[str] = "cases.tally.added.v1"
    name: str
    count: int
    by: int


class Full(Refused):
    code = "sample.full"
    en = "The tally is full at {count}."
    zh = "计数已满（{count}）。"


class _Counting(VisibleToTenant):
    meta: ClassVar[dict[str, Any]] = {"abstract": True}

    name: str = StringField()
    count: int = IntField(default=0)

    def open(self) -> None:
        self.emit(Opened(name=self.name))

    def add(self, by: int) -> int:
        if self.count + by > 1_000_000:
            raise Full(count=self.count)
        self.count += by
        self.emit(Added(name=self.name, count=self.count, by=by))
        return self.count

    def state_event(self) -> Event:
        return Added(name=self.name, count=self.count, by=0)


class Tally(_Counting):
    """Its key comes from the idempotency key of the request that opens it."""


class Board(_Counting):
    """A tally with a key of its own."""

    has_natural_key = True


class Mirror(Replica):
    """A replica, as another service would have it."""

    name: str = StringField()
    count: int = IntField(default=0)


class Sum(Aggregate):
    """A projection: the sum of everything that was added to the tallies of one name."""

    total: int = IntField(default=0)


class Sample:
    name = "cases"
    documents = (Tally, Mirror, Sum)
    data = Data()

    @command
    def open(self, call: Call, name: Key) -> dict[str, Any]:
        def build(key: str) -> Tally:
            tally = Tally(id=Tally.identity(call.tenant, key), tenant=call.tenant, name=name)
            tally.open()
            return tally

        return self.data.of(call).create(Tally, build, lambda tally: {"tally": tally.key})

    @command
    def sum(self, call: Call, name: Key) -> dict[str, Any]:
        document = Sum(id=Sum.identity(call.tenant, name), tenant=call.tenant)
        return {"added": self.data.of(call).add(document)}

    @command
    def add(self, call: Call, tally: Key, by: int) -> dict[str, Any]:
        return self.data.of(call).change(Tally, tally, lambda found: {"count": found.add(by)})

    @command
    def spoil(self, call: Call, tally: Key) -> None:
        self.data.of(call).change(Tally, tally, lambda found: setattr(found, "count", "many"))

    @query
    def read(self, call: Call, tally: Key) -> dict[str, Any]:
        found = self.data.of(call).get(Tally, tally)
        return {"name": found.name, "count": found.count, "version": found.version, "sequence": found.sequence}

    @query
    def slow(self, call: Call, until: str) -> str:
        """Returns once the file `until` exists."""
        import eventlet

        while not Path(until).exists():
            eventlet.sleep(0.01)
        return "done"

    @query
    def fatal(self, call: Call) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    @query
    def defect(self, call: Call) -> None:
        raise ZeroDivisionError("a defect")

    @handles(Added)
    def on_added_copy(self, event: Received) -> None:
        added = event.as_(Added)
        fields = {"name": added.name, "count": added.count}
        self.data.of(event).apply_replica(Mirror, event.envelope.subject, event, fields)

    @handles(Added)
    def on_added_effect(self, event: Received) -> None:
        added = event.as_(Added)

        def apply(found: Sum) -> None:
            if added.by == 13:
                raise ValueError("this handler dislikes 13")
            if added.by == 666:
                os.kill(os.getpid(), signal.SIGKILL)
            found.total += added.by

        self.data.of(event).change(Sum, added.name, apply)


class SampleWithResync(Resyncing, Sample):
    name = "cases"
    documents = (Tally, Mirror, Sum)
    data = Data()
