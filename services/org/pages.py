"""Pages of lists, in the order of the keys: the place where one ends is the place where the next begins."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chassis.persistence.aggregate import Aggregate
from chassis.persistence.tenant_data import TenantData, Where
from services.org.records import shown

Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
After = Annotated[str, msgspec.Meta(max_length=64)]


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """`next` is `after` of the following page; None at the end."""

    items: list[dict[str, Any]]
    next: str | None


def listed(data: TenantData, model: type[Aggregate], where: Where, after: str, limit: int) -> Listed:
    """`where` must be served by an index that ends in `_id`."""
    if after:
        where = {**where, "_id": {"$gt": f"{data.context.tenant}:{after}"}}
    found = data.find(model, where, [("_id", 1)], limit + 1)
    following = found[limit - 1].key if len(found) > limit else None
    return Listed(items=[shown(document) for document in found[:limit]], next=following)
