"""Counting: the facts of each case, learnt from its events, and the buckets that they touch, added up.

Buckets are added up anew a little later, by whichever replica comes first. An adding up that another one
overtakes is repeated on what is stored then, so a crash between the steps loses and doubles nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.bus import every, handles
from chassis.context import Received
from chassis.crypto import KeyRing
from chassis.data import TenantData
from chassis.errors import NotFound
from services.cases import copies, events
from services.cases.desk import Desk
from services.cases.events import CaseEvent, Rated
from services.cases.model.case import Case
from services.cases.model.duplicates import sketch
from services.cases.model.facts import Bucket, CaseFacts, Rollup
from services.cases.words import CONTEXTS

#: Events that change what is counted; the others leave area, lead, due moments and outcome as they were.
_TOLD: dict[str, type[CaseEvent]] = {
    kind.type: kind
    for kind in (
        events.Reported, events.Imported, events.Registered, events.Rejected, events.SelfResolved, events.Objected,
        events.Withdrawn, events.Voided, events.TakenOn, events.Dispatched, events.Whistled, events.Returned,
        events.Ruled, events.GapFound, events.Relocated, events.RequestGranted, events.Suspended, events.Resumed,
        events.Resolved, events.Inspected, events.RatingAsked, events.Rated, events.Closed, events.Reopened,
        events.LimitsRecomputed, events.Merged, events.Unmerged, events.ChildTaken, events.ChildReleased,
        events.Restated,
    )
}  # fmt: skip
#: Together they bound what adding up may take from other work: the buckets of three hundred cases at a time.
_SECONDS = 5
_MOST_STALE = 300
_SUMMED = ["entries", "struck", "stale", "buckets", "version"]
_MOST_IN_BUCKET = 20_000


class Counting(Desk):
    @handles(*_TOLD)
    def learn_facts(self, event: Received) -> None:
        """A merged case's answer counts for the case that it merged into."""
        told = event.as_(_TOLD[event.envelope.type.removeprefix("linli.")])
        case = told.of or event.envelope.subject if isinstance(told, Rated) else event.envelope.subject
        data = self.data.of(event)
        zone = copies.zone_of(data)

        def learn(facts: CaseFacts) -> None:
            facts.learn(told, event.envelope.sequence, event.envelope.time, zone)

        if event.envelope.sequence > 1 and self._known(data, case, learn):
            return
        facts = CaseFacts.about(event.tenant, case)
        self._sketch(data, facts)
        learn(facts)
        if not data.add(facts):
            data.change(CaseFacts, case, learn)

    @staticmethod
    def _known(data: TenantData, case: str, learn: Callable[[CaseFacts], None]) -> bool:
        try:
            data.change(CaseFacts, case, learn)
        except NotFound:
            return False
        return True

    def _sketch(self, data: TenantData, facts: CaseFacts) -> None:
        """Where it lies, and what its text resembles: the text is opened here once and by nobody."""
        try:
            case = data.get(Case, facts.key)
        except NotFound:
            return
        facts.cell = case.place.cell if case.place else ""
        if case.text:
            text = self.keys.of(facts.tenant).open(case.text, CONTEXTS["text"])
            facts.sketch = sketch(text, sketch_key(self.keys, facts.tenant))

    @every(interval=_SECONDS)
    def add_up(self) -> None:
        self.data.each_tenant(self._add_up_stale)

    def _add_up_stale(self, data: TenantData) -> None:
        """Every bucket of some stale facts, and with them whatever else in those buckets is stale."""
        stale = data.rows(CaseFacts, {"stale": True}, ["buckets"], limit=_MOST_STALE)
        buckets = {bucket for row in stale for bucket in row["buckets"]}
        counted: dict[str, int] = {}
        for bucket in sorted(buckets):
            for row in _add_up_bucket(data, Bucket.of(bucket)):
                if row["stale"] and buckets.issuperset(row["buckets"]):
                    # As it was when it was first read: what changed since then is added up once more.
                    counted.setdefault(row["key"], row["version"])
        data.set_unchanged(CaseFacts, counted, {"stale": False})


def _add_up_bucket(data: TenantData, bucket: Bucket) -> list[dict[str, Any]]:
    """Answers the facts that were added up."""
    facts: list[dict[str, Any]] = []

    def add_up(rollup: Rollup) -> None:
        # Read after the rollup was: if another adding up is stored meanwhile, this one is repeated.
        facts[:] = data.rows(CaseFacts, {"buckets": bucket.key}, _SUMMED, limit=_MOST_IN_BUCKET)
        rollup.add_up(facts)

    try:
        data.change(Rollup, bucket.key, add_up)
    except NotFound:
        data.add(Rollup.empty(data.context.tenant, bucket))
        data.change(Rollup, bucket.key, add_up)
    return facts


def sketch_key(keys: KeyRing, tenant: str) -> bytes:
    """The tenant's own, from the index key: nobody without it can make a sketch to compare."""
    return keys.of(tenant).blind("sketch", "duplicates").encode()
