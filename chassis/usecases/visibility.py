"""Visibility fails closed: a record is shown to nobody until its class says to whom."""

from __future__ import annotations

from typing import Any, ClassVar

from chassis.persistence.aggregate import Aggregate
from chassis.security.principal import Principal


class Visible(Aggregate):
    """Base of every aggregate that people look up by its id and let act."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    def seen_by(self, by: Principal, /) -> bool:
        """Whether its id exists for them at all. Nobody, until a class says who."""
        return False


class VisibleToTenant(Visible):
    """Everybody in the tenant may know that it exists; its steps say for themselves who may take them."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    def seen_by(self, by: Principal, /) -> bool:
        return True
