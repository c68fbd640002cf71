"""Contender: our event path with an exactly-once effect in the database, and bare writes for comparison."""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402
from typing import Any, ClassVar  # noqa: E402

import pymongo  # noqa: E402
from mongoengine import IntField  # noqa: E402
from pymongo.collection import Collection  # noqa: E402

from bench.event_path import payload  # noqa: E402
from bench.event_path.contender import Watch, main  # noqa: E402
from bench.event_path.ours import BATCH, publish  # noqa: E402
from chassis.context import Received  # noqa: E402
from chassis.entrypoints.consumer import handles  # noqa: E402
from chassis.ids import uuid7  # noqa: E402
from chassis.persistence.aggregate import Aggregate  # noqa: E402
from chassis.process.runtime import Data  # noqa: E402
from chassis.run import container_of  # noqa: E402

Row = dict[str, Any]
_DATABASE = "linli_cases"


class Tally(Aggregate):
    """Counts the events of one case."""

    meta: ClassVar[Row] = {"collection": "bench_tallies"}
    events: int = IntField(default=0)

    def count(self) -> None:
        self.events += 1


def handle(uri: str, count: int, watch: Watch) -> None:
    class Handler:
        name = "cases"
        data = Data(Tally)

        @handles(payload.KIND)
        def on_dispatched(self, event: Received) -> None:
            watch.begin()
            self.data.of(event).change(Tally, event.envelope.subject, Tally.count)
            watch.tick(count)

    _fresh(os.environ["MONGODB_URI"])
    container = container_of(Handler, {**os.environ, "AMQP_URI": uri})
    container.start()
    container.wait()


def bare(uri: str, count: int, watch: Watch) -> None:
    """The same conditional updates alone: no event, no document, no load."""
    tallies = _fresh(uri)
    watch.start()
    for first in range(0, count, BATCH):
        tallies.bulk_write([_update(number) for number in range(first, min(first + BATCH, count))], ordered=False)
    watch.stop(count)


def _update(number: int) -> pymongo.UpdateOne:
    turn = number // payload.CASES
    change = {"$set": {"events": turn + 1, "version": turn + 1}, "$push": {"handled": {"e": uuid7()}}}
    return pymongo.UpdateOne({"_id": _id(number), "version": turn}, change)


def _fresh(uri: str) -> Collection[Row]:
    client: pymongo.MongoClient[Row] = pymongo.MongoClient(uri)
    tallies = client[_DATABASE][Tally._get_collection_name()]
    tallies.drop()
    rows = (
        {"_id": _id(number), "tenant": payload.TENANT, "version": 0, "outbox": []} for number in range(payload.CASES)
    )
    tallies.insert_many(rows)
    return tallies


def _id(number: int) -> str:
    return Tally.identity(payload.TENANT, payload.subject(number))


if __name__ == "__main__":
    main(publish, handle, bare)
