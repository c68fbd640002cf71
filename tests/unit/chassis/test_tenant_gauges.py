"""Gauges by tenant: bounded, however many tenants there are."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from prometheus_client import REGISTRY, Gauge

from chassis.usecases.tenant_gauges import MOST_TENANTS, OTHERS, TenantGauges

gauges = TenantGauges(Gauge("test_open", "Of the test.", ["tenant"]), Gauge("test_overdue", "Of the test.", ["tenant"]))


def shown(name: str) -> dict[str, float]:
    family = next(each for each in REGISTRY.collect() if each.name == name)
    return {sample.labels["tenant"]: sample.value for sample in family.samples}


def test_each_tenant_has_its_own_numbers() -> None:
    gauges.show({"wuhai": (7, 2), "fengtai": (3, 0)})
    assert shown("test_open") == {"fengtai": 3, "wuhai": 7}
    assert shown("test_overdue") == {"fengtai": 0, "wuhai": 2}


def test_beyond_so_many_tenants_the_rest_is_one_series_and_nothing_is_lost() -> None:
    cities = {f"city-{number:03}": (2, 1) for number in range(MOST_TENANTS + 5)}
    gauges.show(cities)
    for name, each in (("test_open", 2), ("test_overdue", 1)):
        series = shown(name)
        assert len(series) == MOST_TENANTS + 1
        assert series[OTHERS] == 5 * each
        assert sum(series.values()) == len(cities) * each


def test_a_tenant_that_falls_among_the_others_keeps_no_series_of_its_own() -> None:
    gauges.show({"zhuhai": (1, 0)})
    gauges.show({f"city-{number:03}": (0, 0) for number in range(MOST_TENANTS)} | {"zhuhai": (1, 0)})
    assert "zhuhai" not in shown("test_open")
    assert shown("test_open")[OTHERS] == 1


def test_what_takes_long_to_count_is_counted_less_often() -> None:
    now, counted = [0.0], [0]

    def count(data: Any) -> tuple[int]:
        counted[0] += 1
        now[0] += 2
        return (counted[0],)

    tenant = SimpleNamespace(context=SimpleNamespace(tenant="wuhai"))
    leads = [True]
    source = cast(Any, SimpleNamespace(leads=lambda task: leads[0], each_tenant=lambda act: act(tenant)))
    slow = TenantGauges(Gauge("test_slow", "Of the test.", ["tenant"]), clock=lambda: now[0])
    for at, known in ((0, 1), (15, 1), (101, 1), (102, 2)):
        now[0] = at
        slow.refresh(source, "count", count)
        assert shown("test_slow") == {"wuhai": known}
    leads[0] = False
    slow.refresh(source, "count", count)
    assert shown("test_slow") == {}
