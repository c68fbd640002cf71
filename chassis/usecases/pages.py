"""Keyset pagination: the next page starts after the last key of the current one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from chassis.errors import Invalid
from chassis.moments import is_in_years
from chassis.persistence.tenant_data import TenantData, Where
from chassis.types import Answer, Listed, Page
from chassis.usecases.records import state_answer
from chassis.usecases.visibility import Visible, VisibleToTenant

A = TypeVar("A", bound=Visible)


class NoPosition(Invalid):
    """`after` was not taken from the `next` of a page."""

    def __init__(self) -> None:
        super().__init__(("after", "take it from `next` of the previous page", "须取自上一页的 next"))


def listed(data: TenantData, model: type[VisibleToTenant], where: Where, after: str, limit: int) -> Listed[Answer]:
    """Returns a page in key order. `where` needs an index that ends in `_id`."""
    if after:
        where = {**where, "_id": {"$gt": f"{data.context.tenant}:{after}"}}
    documents = data.find(model, where, [("_id", 1)], limit + 1)
    following = documents[limit - 1].key if len(documents) > limit else None
    return Listed(items=[state_answer(document) for document in documents[:limit]], next=following)


def in_key_order(data: TenantData, model: type[A], where: Where, page: Page) -> tuple[list[A], str | None]:
    """Returns the documents of a page in key order, and the `next` of it.

    `where` must already be limited to what the caller sees, and needs an index that ends in `_id`.
    """
    if page.after:
        where = {**where, "_id": {"$gt": f"{data.context.tenant}:{_key(page.after)}"}}
    found = data.find(model, where, [("_id", 1)], page.limit + 1)
    return found[: page.limit], found[page.limit - 1].key if len(found) > page.limit else None


def newest_first(
    data: TenantData, model: type[A], where: Where, by: str, page: Page, show: Callable[[A], Answer]
) -> Listed[Answer]:
    """Returns a page, latest first by the datetime field `by`, equal moments in key order.

    `where` must already be limited to what the caller sees, and needs an index that ends in `-by`, `-_id`.
    """
    documents: list[A] = []
    for part in _from(data, where, by, *position(page.after)):
        documents += data.find(model, part, [(by, -1), ("_id", -1)], page.limit + 1 - len(documents))
        if len(documents) > page.limit:
            break
    shown, more = documents[: page.limit], len(documents) > page.limit
    following = [getattr(shown[-1], by), shown[-1].key] if more else None
    return Listed(items=[show(document) for document in shown], next=following)


def _key(after: Any) -> str:
    if not isinstance(after, str):
        raise NoPosition()
    return after


def _from(data: TenantData, where: Where, by: str, moment: datetime | None, last: str) -> list[Where]:
    """Returns the consecutive parts behind a position: the rest of its moment, then what is earlier."""
    if not moment:
        return [where]
    below = {"$lt": f"{data.context.tenant}:{last}"}
    return [{**where, by: {"$gte": moment, "$lte": moment}, "_id": below}, {**where, by: {"$lt": moment}}]


def position(after: Any, undated: bool = False) -> tuple[datetime | None, str]:
    """Returns the moment and the key of the previous page's last row; (None, "") before the first page.

    `undated`: rows may lack the moment. Raises `NoPosition`.
    """
    if not after:
        return None, ""
    try:
        written, last = after
        moment = None if undated and written is None else datetime.fromisoformat(written)
    except (TypeError, ValueError) as error:
        raise NoPosition() from error
    if moment and (moment.tzinfo is None or not is_in_years(moment)):
        raise NoPosition()
    return moment, str(last)
