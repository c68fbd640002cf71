"""Report of rows that nobody can use: whoever reads many rows skips such a one and goes on with the others."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from bson.errors import BSONError
from pymongo.collection import Collection

from chassis import metrics

log = logging.getLogger(__name__)


@lru_cache(maxsize=10_000)  # a sweep meets the same row again and again
def report(collection: str, document_id: Any, reason: str) -> None:
    """Counts and logs a row, once in a process. `reason` names fields and types, never a value."""
    metrics.damaged_rows.labels(collection).inc()
    log.error("row %s of %s is skipped: %s", document_id, collection, reason)


def decoded_one_by_one(
    collection: Collection[dict[str, Any]], ids: Iterable[Any], fields: Any = None
) -> Iterator[dict[str, Any]]:
    """Yields the rows with these ids; one that BSON cannot decode is left out and reported.

    The driver decodes many rows as a whole, so one such row would take all others with it. `fields`: the projection.
    """
    for document_id in ids:
        try:
            row = collection.find_one({"_id": document_id}, fields)
        except BSONError as error:
            report(collection.name, document_id, f"it cannot be decoded ({type(error).__name__})")
            continue
        if row is not None:
            yield row
