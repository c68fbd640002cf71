"""Visibility of records, closed by default: nobody sees a record unless its class allows it."""

from __future__ import annotations

from typing import Any, ClassVar

from chassis.context import Call, Context
from chassis.errors import NotFound
from chassis.persistence.aggregate import Aggregate
from chassis.security.principal import Principal


class Visible(Aggregate):
    """Base of every aggregate that a call may use; `chassis.usecases.records` asks its `seen_by`."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    def seen_by(self, by: Principal, /) -> bool:
        """Returns whether the principal may know that the record exists. By default nobody may."""
        return False


class VisibleToTenant(Visible):
    """Base of records whose existence everyone in the tenant may know; each step has its own access rule."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    def seen_by(self, by: Principal, /) -> bool:
        return True


class VisibleToNobody(Visible):
    """Base of records that nobody looks up: they are counted, or shown with the record that they are about."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    def seen_by(self, by: Principal, /) -> bool:
        return False


def is_seen(document: Aggregate, context: Context) -> bool:
    """Returns whether the record exists for a call's principal; an aggregate without a rule exists for none.

    Events and timers act for nobody and see all.
    """
    if not isinstance(context, Call):
        return True
    return isinstance(document, Visible) and document.seen_by(context.principal)


def require_seen(seen: bool) -> None:
    """Raises `NotFound` unless the caller may see the record: a hidden record looks like an unknown id."""
    if not seen:
        raise NotFound()
