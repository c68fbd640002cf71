"""Rules that bring two records into agreement again, whatever came first, and may run at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from chassis.persistence.aggregate import Aggregate
from chassis.persistence.tenant_data import TenantData

A = TypeVar("A", bound=Aggregate)


def settle(data: TenantData, model: type[A], key: str, rule: Callable[[A], object]) -> None:
    """Changes the record only if the rule has something to change: after an import it mostly has not."""
    seen = data.get(model, key)
    before = seen.to_mongo()
    rule(seen)
    if seen.pending or seen.to_mongo() != before:
        data.change(model, key, rule)
