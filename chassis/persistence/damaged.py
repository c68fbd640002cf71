"""Rows that nobody can use: whoever reads many rows skips such a one, reports it, and goes on with the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from bson.errors import BSONError
from pymongo.collection import Collection

from chassis import metrics

T = TypeVar("T")
Row = dict[str, Any]
log = logging.getLogger(__name__)


@lru_cache(maxsize=10_000)  # a sweep meets the same row again and again
def report(collection: str, document_id: Any, reason: str) -> None:
    """Counts and logs a row, once in a process. `reason` names fields and types, never a value."""
    metrics.damaged_rows.labels(collection).inc()
    log.error("row %s of %s is skipped: %s", document_id, collection, reason)


def read_sound(
    page: Callable[[int, int], tuple[list[Row], int]], limit: int, convert: Callable[[Row], T | None]
) -> list[T]:
    """Returns `limit` rows (0: all) as `convert` returns them; reads on behind those for which it returns None.

    Fewer rows mean the end of the list, so a damaged one must not make them fewer. `page(skip, limit)`: see `decoded`.
    """
    found: list[T] = []
    skip = 0
    while True:
        wanted = limit - len(found)
        rows, count = page(skip, wanted)
        found += [each for row in rows if (each := convert(row)) is not None]
        skip += count
        if not limit or count < wanted or len(found) == limit:
            return found


def decoded(
    collection: Collection[Row],
    where: Mapping[str, Any],
    fields: Row | None,
    sort: Sequence[tuple[str, int]] = (),
    skip: int = 0,
    limit: int = 0,
) -> tuple[list[Row], int]:
    """Returns the matching rows that BSON can decode, and how many there are with the others.

    The driver decodes many rows as a whole, so one such row would take all others with it. `fields`: the projection.
    """

    def page(projection: Row | None) -> list[Row]:
        cursor = collection.find(where, projection)
        return list((cursor.sort(list(sort)) if sort else cursor).skip(skip).limit(limit))

    try:
        rows = page(fields)
        return rows, len(rows)
    except BSONError:
        ids = [row["_id"] for row in page({"_id": 1})]
        return list(_decoded_one_by_one(collection, ids, fields)), len(ids)


def _decoded_one_by_one(collection: Collection[Row], ids: Iterable[Any], fields: Row | None) -> Iterator[Row]:
    for document_id in ids:
        try:
            row = collection.find_one({"_id": document_id}, fields)
        except BSONError as error:
            report(collection.name, document_id, f"it cannot be decoded ({type(error).__name__})")
            continue
        if row is not None:
            yield row
