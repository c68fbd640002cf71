"""Tenant cache: refreshed after its lifetime, by one caller at a time, and at once after `forget`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chassis.usecases.tenant_cache import TenantCache

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIFETIME = timedelta(seconds=1)


def at(seconds: float, tenant: str = "wuhai") -> Any:
    return SimpleNamespace(context=SimpleNamespace(tenant=tenant, now=NOON + timedelta(seconds=seconds)))


def test_a_cached_value_is_read_again_only_after_it_expires() -> None:
    cache: TenantCache[str] = TenantCache(LIFETIME)
    assert cache.of(at(0), "a", lambda: "first") == "first"
    assert cache.of(at(0.9), "a", lambda: "second") == "first"
    assert cache.of(at(1), "a", lambda: "second") == "second"


def test_each_tenant_and_name_has_its_own_entry() -> None:
    cache: TenantCache[str] = TenantCache(LIFETIME)
    for tenant, name in (("wuhai", "a"), ("wuhai", "b"), ("yaan", "a")):
        assert cache.of(at(0, tenant), name, lambda tenant=tenant, name=name: tenant + name) == tenant + name


def test_while_one_caller_refreshes_the_others_get_the_cached_value() -> None:
    cache: TenantCache[str] = TenantCache(LIFETIME)
    cache.of(at(0), "a", lambda: "old")

    def read() -> str:
        assert cache.of(at(2), "a", lambda: "a second reader") == "old"
        return "new"

    assert cache.of(at(2), "a", read) == "new"


def test_a_value_forgotten_during_its_read_is_not_cached() -> None:
    cache: TenantCache[str] = TenantCache(LIFETIME)

    def read() -> str:
        cache.forget("wuhai")
        return "read before the change"

    cache.of(at(0), "a", read)
    assert cache.of(at(0), "a", lambda: "after it") == "after it"
