"""Gatekeeper of the log: which entries are events, and a report of the others."""

from __future__ import annotations

import logging
from functools import lru_cache

from chassis.envelope import Envelope, Unreadable, decode, require_key
from gateway import metrics
from gateway.events.log_reader import Entry

log = logging.getLogger(__name__)


def event_of(entry: Entry) -> Envelope:
    """Returns the event of an entry. Raises `Unreadable` if the entry is forged or broken."""
    event = decode(entry.body)
    if event.tenant != entry.tenant:
        raise Unreadable(reason="its tenant is another than the log's")
    require_key(event, entry.key)
    return event


def report(entry: Entry) -> None:
    """Counts and logs an entry that is no event."""
    _report_once(entry.tenant, entry.at.offset)


@lru_cache(maxsize=1000)  # every stream of the tenant reads the same entry
def _report_once(tenant: str, offset: int) -> None:
    metrics.refused_entries.inc()
    # Its content stays out of the log: whoever wrote it would write here.
    log.error("the log of %s has an entry at %d that is no event; streams skip it", tenant, offset)
