"""What is read often and changes seldom: read again after a while, and at once when its event comes here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from chassis.persistence.tenant_data import TenantData

T = TypeVar("T")
_MOST = 10_000


class TenantCache(Generic[T]):
    """One value for each tenant and name, for as long as `kept`."""

    def __init__(self, kept: timedelta) -> None:
        self._kept = kept
        self._known: dict[str, dict[str, tuple[datetime, T]]] = {}

    def of(self, data: TenantData, name: str, read: Callable[[], T]) -> T:
        now = data.context.now
        named = self._known.setdefault(data.context.tenant, {})
        until, value = named.get(name, (now, None))
        if value is None or until <= now:
            if len(named) >= _MOST:
                named.clear()
            if value is not None:
                # One asks anew; whoever comes meanwhile has what is known, so that not all ask at once.
                named[name] = now + self._kept, value
            value = read()
            named[name] = now + self._kept, value
        return value

    def forget(self, tenant: str) -> None:
        self._known.pop(tenant, None)
