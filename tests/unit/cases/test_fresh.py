"""Tenant cache: one caller refreshes an expired entry, and an invalidated one is read at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from chassis.usecases.tenant_cache import TenantCache

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEPT = timedelta(seconds=1)


def at(seconds: float, tenant: str = "wuhai") -> Any:
    return SimpleNamespace(context=SimpleNamespace(tenant=tenant, now=NOON + timedelta(seconds=seconds)))


def test_it_is_read_again_when_its_time_is_over_and_not_before() -> None:
    known: TenantCache[str] = TenantCache(KEPT)
    assert known.of(at(0), "a", lambda: "first") == "first"
    assert known.of(at(0.9), "a", lambda: "second") == "first"
    assert known.of(at(1), "a", lambda: "second") == "second"


def test_every_tenant_and_name_has_its_own() -> None:
    known: TenantCache[str] = TenantCache(KEPT)
    for tenant, name in (("wuhai", "a"), ("wuhai", "b"), ("yaan", "a")):
        assert known.of(at(0, tenant), name, lambda tenant=tenant, name=name: tenant + name) == tenant + name


def test_while_one_reads_anew_the_others_have_what_is_known() -> None:
    known: TenantCache[str] = TenantCache(KEPT)
    known.of(at(0), "a", lambda: "old")

    def read() -> str:
        assert known.of(at(2), "a", lambda: "a second reader") == "old"
        return "new"

    assert known.of(at(2), "a", read) == "new"


def test_what_was_forgotten_while_it_was_read_is_read_again() -> None:
    known: TenantCache[str] = TenantCache(KEPT)

    def read() -> str:
        known.forget("wuhai")
        return "read before the change"

    known.of(at(0), "a", read)
    assert known.of(at(0), "a", lambda: "after it") == "after it"
