"""Visibility of records, closed by default: nobody sees a record unless its class allows it."""

from __future__ import annotations

from typing import Any, ClassVar

from chassis.persistence.aggregate import Aggregate
from chassis.security.principal import Principal


class Visible(Aggregate):
    """Base of every aggregate that people look up by its id."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    def seen_by(self, by: Principal, /) -> bool:
        """Returns whether the principal may know that the record exists. By default nobody may."""
        return False


class VisibleToTenant(Visible):
    """Base of records whose existence everyone in the tenant may know; each step has its own access rule."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    def seen_by(self, by: Principal, /) -> bool:
        return True
