"""Counting: the facts of each case, learnt from its events, and the buckets that they touch, added up.

Buckets are added up anew a little later, by whichever replica comes first. An adding up that another one
overtakes is repeated on what is stored then, so a crash between the steps loses and doubles nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from chassis.context import Received
from chassis.errors import NotFound
from chassis.messaging.consumer import every, handles
from chassis.persistence.tenant_data import TenantData
from chassis.security.sealing import KeyRing
from chassis.usecases.service import Documents
from services.cases.analytics.duplicates import sketch
from services.cases.analytics.facts import Bucket, CaseFacts, Rollup
from services.cases.case import events
from services.cases.case.events import CaseEvent, Rated
from services.cases.case.model.case import Case
from services.cases.case.sealed_text import CONTEXTS
from services.cases.directory import replicas
from services.cases.records import RecordCommands

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
_SECONDS = 5
#: Adding up leaves the rest of the time to other work.
_SHARE = 0.1
_MOST_STALE = 1000
_AT_ONCE = 50


class FactsProjection(RecordCommands):
    documents: Documents = (CaseFacts, Rollup)

    @handles(*_TOLD)
    def learn_facts(self, event: Received) -> None:
        """A merged case's answer counts for the case that it merged into."""
        told = event.as_(_TOLD[event.envelope.type.removeprefix("linli.")])
        case = told.of or event.envelope.subject if isinstance(told, Rated) else event.envelope.subject
        data = self.data.of(event)
        zone = replicas.zone_of(data)

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
        """The longest stale first, until the time for it is over."""
        end = time.monotonic() + _SECONDS * _SHARE
        stale = data.rows(CaseFacts, {"stale": True}, ["buckets", "version"], limit=_MOST_STALE)
        added: set[str] = set()
        for first in range(0, len(stale), _AT_ONCE):
            rows = stale[first : first + _AT_ONCE]
            for bucket in sorted({bucket for row in rows for bucket in row["buckets"]} - added):
                self._add_up_bucket(data, Bucket.of(bucket))
                added.add(bucket)
            # What changed since it was read is added up once more.
            data.set_unchanged(CaseFacts, {row["key"]: row["version"] for row in rows}, {"stale": False})
            if time.monotonic() > end:
                return

    @staticmethod
    def _add_up_bucket(data: TenantData, bucket: Bucket) -> None:
        def add_up(rollup: Rollup) -> None:
            # Read after the rollup was: if another adding up is stored meanwhile, this one is repeated.
            alike = {"_id": {"entries": "$entries", "struck": "$struck"}, "cases": {"$sum": 1}}
            rollup.add_up(data.aggregate(CaseFacts, {"buckets": bucket.key}, [{"$group": alike}]))

        try:
            data.change(Rollup, bucket.key, add_up)
        except NotFound:
            data.add(Rollup.empty(data.context.tenant, bucket))
            data.change(Rollup, bucket.key, add_up)


def sketch_key(keys: KeyRing, tenant: str) -> bytes:
    """The tenant's own, from the index key: nobody without it can make a sketch to compare."""
    return keys.of(tenant).blind("sketch", "duplicates").encode()
