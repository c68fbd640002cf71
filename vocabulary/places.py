"""Replica of org's divisions and grids, and the questions that every service asks of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, ClassVar

import msgspec
from mongoengine import StringField

from chassis.errors import Fault, Invalid, NotFound, Unavailable, spoken_fault
from chassis.persistence.aggregate import Replica
from chassis.persistence.tenant_data import TenantData
from chassis.replicas import Unknown
from chassis.security.principal import codes_of

#: How long a place found in the replica counts as valid without another read.
_FRESH = timedelta(seconds=5)
_MOST_CACHED = 10_000
#: After so long no running request, of which an import may take a minute, holds a place as valid that it found before.
SETTLED = _FRESH + timedelta(seconds=60)


class Place(Replica):
    """A division or grid, by code; each service declares its own class. `merged_into`: the grid that replaced a retired
    one."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}
    sources = ("org.division.changed.v1", "org.grid.changed.v1")
    tier: str = StringField()
    name: str = StringField()
    parent: str = StringField()
    path: str = StringField()
    merged_into: str = StringField(default="")


class GridMerge(msgspec.Struct):
    """What a service reads of `org.grid_merge.completed.v1`: each old grid, and the path that replaced it."""

    class Moved(msgspec.Struct):
        old: str
        path: str

    grids: list[Moved] = []


@contextmanager
def awaiting_places() -> Iterator[None]:
    """Raises `Unavailable`, so the event is retried, if a place's own event has not arrived: its path is needed."""
    try:
        yield
    except NotFound as missing:
        raise Unavailable(retry_after=1) from missing


class KnownPlaces:
    """Lookups in one service's replica of places."""

    def __init__(self, model: type[Place], unknown: Unknown) -> None:
        self._model = model
        self._unknown = unknown
        self._fresh_until: dict[tuple[str, str], datetime] = {}

    def require(self, data: TenantData, path: str, field: str = "place.path") -> None:
        """Raises unless the path is that of an active division or grid; caches valid places for a few seconds.

        Raises `Invalid` for a wrong or retired path, `NotKnownYet` for a place whose replica may be on its way.
        """
        name, now = (data.context.tenant, path), data.context.now
        if now < self._fresh_until.get(name, now):
            return None
        try:
            place = data.get(self._model, codes_of(path)[-1])
        except NotFound:
            self._require_parent(data, path, field)
            return self._unknown.raise_for(data, field, path)
        if place.path != path or place.merged_into:
            raise Invalid(moved(field, place.merged_into or place.path))
        if len(self._fresh_until) > _MOST_CACHED:
            self._fresh_until.clear()
        self._fresh_until[name] = now + _FRESH
        return None

    def now(self, data: TenantData, path: str) -> str:
        """Returns the path of a place today: of a grid that was merged, that of the grid that replaced it."""
        place = data.get(self._model, codes_of(path)[-1])
        while place.merged_into:
            place = data.get(self._model, place.merged_into)
        return str(place.path)

    def moved(self, data: TenantData, merge: GridMerge) -> dict[str, str]:
        """Returns the new path of each old path of a completed merge.

        Raises `Unavailable` while the replica of an old grid does not say so yet: until then, what is put into that
        grid would stay there.
        """
        with awaiting_places():
            olds = {grid.old: data.get(self._model, grid.old) for grid in merge.grids}
        if not all(old.merged_into for old in olds.values()):
            raise Unavailable(retry_after=1)
        return {olds[grid.old].path: grid.path for grid in merge.grids}

    def _require_parent(self, data: TenantData, path: str, field: str) -> None:
        """Raises `Invalid` for a path that is wrong, not just ahead of its replica.

        If the parent is unknown too, it is wrong, unless both may be on their way.
        """
        above = codes_of(path)[:-1]
        try:
            parent = data.get(self._model, above[-1]).path if above else ""
        except NotFound:
            if self._unknown.lags(data):
                return
            parent = ""
        if not parent or path != f"{parent}{codes_of(path)[-1]}/":
            raise Invalid(
                spoken_fault(
                    field,
                    "{path:verbatim} does not exist; see `GET /v1/divisions` and `/v1/grids`",
                    "{path:verbatim}不存在，可通过 `GET /v1/divisions` 和 `/v1/grids` 查询",
                    path=path,
                )
            )


def moved(field: str, to: str) -> Fault:
    return spoken_fault(
        field,
        "has moved to {moved_to:place} ({moved_to:verbatim})",
        "该地点已变更为{moved_to:place}（{moved_to:verbatim}）",
        moved_to=to,
    )
