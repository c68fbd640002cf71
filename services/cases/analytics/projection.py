"""Projection of case events into facts per case, and of facts into rollups per bucket.

Rollups are recomputed a little later, by any replica of the service. A concurrent recomputation is repeated on what is
then stored (optimistic lock), so a crash between the steps neither loses nor doubles a count.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from chassis.context import Received
from chassis.entrypoints.consumer import every, handles
from chassis.errors import NotFound
from chassis.persistence.damaged import report
from chassis.persistence.tenant_data import TenantData
from chassis.security.sealing import KeyRing
from chassis.usecases.service import Documents, SealingUseCases
from services.cases.analytics.duplicates import sketch
from services.cases.analytics.model.facts import Bucket, CaseFacts, Rollup
from services.cases.case import events
from services.cases.case.events import CaseEvent, Rated
from services.cases.case.model.case import Case
from services.cases.case.sealed_text import CONTEXTS
from services.cases.directory import replicas

#: Events that change what is counted; the others leave area, lead, due moments and outcome unchanged.
_EVENTS: dict[str, type[CaseEvent]] = {
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


class FactsProjection(SealingUseCases):
    documents: Documents = (CaseFacts, Rollup)

    @handles(*_EVENTS)
    def learn_facts(self, event: Received) -> None:
        """Applies an event to the facts of its case; a merged case's rating counts for its parent."""
        case_event = event.as_(_EVENTS[event.envelope.name])
        case = case_event.of or event.envelope.subject if isinstance(case_event, Rated) else event.envelope.subject
        data = self.data.of(event)
        zone = replicas.zone_of(data)

        def learn(facts: CaseFacts) -> None:
            facts.learn(case_event, event.envelope.sequence, event.envelope.time, zone)

        if event.envelope.sequence > 1 and self._change_existing(data, case, learn):
            return
        facts = CaseFacts.about(event.tenant, case)
        self._sketch(data, facts)
        learn(facts)
        if not data.add(facts):
            data.change(CaseFacts, case, learn)

    @handles(events.Screened, events.Supplemented)
    def sketch_anew(self, event: Received) -> None:
        """Follows what units may read of a report: until facts of the case exist there is nothing to follow."""
        data = self.data.of(event)
        anew = self._sketch_of(data.get(Case, event.envelope.subject))

        def learn(facts: CaseFacts) -> None:
            facts.sketch = anew

        self._change_existing(data, event.envelope.subject, learn)

    @staticmethod
    def _change_existing(data: TenantData, case: str, learn: Callable[[CaseFacts], None]) -> bool:
        try:
            data.change(CaseFacts, case, learn)
        except NotFound:
            return False
        return True

    def _sketch(self, data: TenantData, facts: CaseFacts) -> None:
        """Sets cell and sketch of a new case. Its text is opened once for this, and shown to nobody."""
        try:
            case = data.get(Case, facts.key)
        except NotFound:
            return
        facts.cell = case.place.cell if case.place else ""
        facts.sketch = self._sketch_of(case)

    def _sketch_of(self, case: Case) -> list[int]:
        """Returns the sketch of the text that units may read: likeness to a hidden text would tell what it says."""
        sealed = case.text_for_units
        text = self.keys.of(case.tenant).open(sealed, CONTEXTS["text"]) if sealed else ""
        return sketch(text, sketch_key(self.keys, case.tenant))

    @every(interval=_SECONDS)
    def add_up(self) -> None:
        self.data.each_tenant(self._recompute_stale)

    def _recompute_stale(self, data: TenantData) -> None:
        """Recomputes the rollups of stale facts, until its share of the interval is used."""
        end = time.monotonic() + _SECONDS * _SHARE
        stale = data.rows(CaseFacts, {"stale": True}, ["buckets", "version"], limit=_MOST_STALE)
        done: set[str] = set()
        for first in range(0, len(stale), _AT_ONCE):
            rows = [row for row in stale[first : first + _AT_ONCE] if _has_buckets(row)]
            for bucket in sorted({bucket for row in rows for bucket in row["buckets"]} - done):
                self._recompute_bucket(data, Bucket.of(bucket))
                done.add(bucket)
            # Facts that changed since they were read stay stale and are recomputed in the next run.
            data.set_unchanged(CaseFacts, {row["key"]: row["version"] for row in rows}, {"stale": False})
            if time.monotonic() > end:
                return

    @staticmethod
    def _recompute_bucket(data: TenantData, bucket: Bucket) -> None:
        def recompute(rollup: Rollup) -> None:
            # Read the facts after the rollup: a concurrent write of the rollup then makes this one repeat.
            alike = {"_id": {"entries": "$entries", "struck": "$struck"}, "cases": {"$sum": 1}}
            rollup.recompute(data.aggregate(CaseFacts, {"buckets": bucket.key}, [{"$group": alike}]))

        try:
            data.change(Rollup, bucket.key, recompute)
        except NotFound:
            data.add(Rollup.empty(data.context.tenant, bucket))
            data.change(Rollup, bucket.key, recompute)


def _has_buckets(row: dict[str, Any]) -> bool:
    """Returns whether the row names its rollups; one that does not is reported, and holds up no other."""
    if "buckets" in row and all(Bucket.is_key(bucket) for bucket in row["buckets"]):
        return True
    report(CaseFacts.__name__, row["key"], "its buckets are malformed")
    return False


def sketch_key(keys: KeyRing, tenant: str) -> bytes:
    """Returns the tenant's sketch key, derived from its index key: without it nobody can make a sketch to compare."""
    return keys.of(tenant).blind("sketch", "duplicates").encode()
