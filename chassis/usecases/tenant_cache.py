"""Cache of values that are read often and change seldom: they expire after a while, or when an event arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from chassis.persistence.tenant_data import TenantData

T = TypeVar("T")
_MAX_ENTRIES = 10_000


class TenantCache(Generic[T]):
    """Cache of one value for each tenant and name; an entry expires after `ttl`."""

    def __init__(self, ttl: timedelta) -> None:
        self._ttl = ttl
        self._tenants: dict[str, dict[str, tuple[datetime, T]]] = {}

    def of(self, data: TenantData, name: str, read: Callable[[], T]) -> T:
        """Returns the cached value, or calls `read` if there is none or it has expired."""
        now = data.context.now
        entries = self._tenants.setdefault(data.context.tenant, {})
        expires_at, value = entries.get(name, (now, None))
        if value is None or expires_at <= now:
            if len(entries) >= _MAX_ENTRIES:
                entries.clear()
            if value is not None:
                # One caller refreshes the entry; the others use the old value until then.
                entries[name] = now + self._ttl, value
            value = read()
            entries[name] = now + self._ttl, value
        return value

    def forget(self, tenant: str) -> None:
        """Invalidates all entries of a tenant."""
        self._tenants.pop(tenant, None)
