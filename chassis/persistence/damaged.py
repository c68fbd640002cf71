"""Report of rows that nobody can use: whoever reads many rows skips such a one and goes on with the others."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any

from chassis import metrics

log = logging.getLogger(__name__)


@lru_cache(maxsize=10_000)  # a sweep meets the same row again and again
def report(collection: str, document_id: Any, reason: str) -> None:
    """Counts and logs a row, once in a process. `reason` names fields and types, never a value."""
    metrics.damaged_rows.labels(collection).inc()
    log.error("row %s of %s is skipped: %s", document_id, collection, reason)
