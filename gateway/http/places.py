"""Bulkhead: places for one kind of work in this replica, so that no city and no visitor can take them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from chassis.errors import Overloaded
from gateway.http.problems import TooManyRequests

#: The shares of a tenant and of an address: one half, one eighth.
OF_TENANT, OF_ADDRESS = 2, 8
#: The tenant under which all who did not sign in are counted together: theirs is any name that they chose to send.
UNVERIFIED = ""


class Places:
    """`most` places; a tenant holds at most half of them, an address an eighth. `retry_after`: seconds."""

    def __init__(self, most: int, *, retry_after: int = 2) -> None:
        self._most = most
        self._of_tenant = max(1, most // OF_TENANT)
        self._of_address = max(1, most // OF_ADDRESS)
        self._retry_after = retry_after
        self._taken = 0
        self._tenants: Counter[str] = Counter()
        self._addresses: Counter[str] = Counter()

    @contextmanager
    def one_for(self, tenant: str, address: str) -> Iterator[None]:
        """Holds a place. Raises `TooManyRequests` if the address has its share, `Overloaded` if no place is left."""
        if self._addresses[address] >= self._of_address:
            raise TooManyRequests(retry_after=self._retry_after)
        if self._taken >= self._most or self._tenants[tenant] >= self._of_tenant:
            raise Overloaded(retry_after=self._retry_after)
        self._take(1, tenant, address)
        try:
            yield
        finally:
            self._take(-1, tenant, address)

    def _take(self, number: int, tenant: str, address: str) -> None:
        self._taken += number
        for counts, key in ((self._tenants, tenant), (self._addresses, address)):
            counts[key] += number
            if not counts[key]:
                del counts[key]
