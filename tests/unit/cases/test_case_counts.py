"""Gauges of open and overdue cases: bounded by tenants, however many there are."""

from __future__ import annotations

from prometheus_client import REGISTRY

from services.cases.case.case_counts import MOST_TENANTS, OTHERS, Counts, show


def shown(name: str) -> dict[str, float]:
    family = next(each for each in REGISTRY.collect() if each.name == name)
    return {sample.labels["tenant"]: sample.value for sample in family.samples}


def test_each_tenant_has_its_own_numbers() -> None:
    show({"wuhai": Counts(7, 2), "fengtai": Counts(3, 0)})
    assert shown("linli_open_cases") == {"fengtai": 3, "wuhai": 7}
    assert shown("linli_overdue_cases") == {"fengtai": 0, "wuhai": 2}


def test_beyond_so_many_tenants_the_rest_is_one_series_and_nothing_is_lost() -> None:
    cities = {f"city-{number:03}": Counts(2, 1) for number in range(MOST_TENANTS + 5)}
    show(cities)
    for name, each in (("linli_open_cases", 2), ("linli_overdue_cases", 1)):
        series = shown(name)
        assert len(series) == MOST_TENANTS + 1
        assert series[OTHERS] == 5 * each
        assert sum(series.values()) == len(cities) * each


def test_a_tenant_that_falls_among_the_others_keeps_no_series_of_its_own() -> None:
    show({"zhuhai": Counts(1, 0)})
    show({f"city-{number:03}": Counts(0, 0) for number in range(MOST_TENANTS)} | {"zhuhai": Counts(1, 0)})
    assert "zhuhai" not in shown("linli_open_cases")
    assert shown("linli_open_cases")[OTHERS] == 1
