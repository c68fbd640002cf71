"""Metrics of all parts together: what a label means, and that series stay few."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from prometheus_client import REGISTRY, generate_latest

import gateway.metrics
import services
from chassis import metrics


@pytest.fixture(scope="module")
def labels() -> dict[str, set[str]]:
    """The names of the labels of each metric of ours, with those of all services."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        importlib.import_module(module.name)
    found: dict[str, set[str]] = {}
    for collector in set(REGISTRY._collector_to_names):
        if (name := getattr(collector, "_name", "")).startswith("linli_"):
            found[name] = set(collector._labelnames)  # type: ignore[attr-defined]
    return found


def test_service_is_who_reports_and_never_who_is_called(labels: dict[str, set[str]]) -> None:
    assert [name for name, each in labels.items() if "service" in each] == ["linli_build_info"]
    assert "callee" in labels["linli_call_seconds"]


def test_only_these_gauges_have_a_label_for_each_tenant(labels: dict[str, set[str]]) -> None:
    assert {name for name, each in labels.items() if "tenant" in each} == {
        "linli_open_cases", "linli_overdue_cases", "linli_residents", "linli_open_reading_alerts",
    }  # fmt: skip


def test_no_counter_has_a_second_series_for_the_moment_of_its_making() -> None:
    metrics.handled.labels("org.tenant.changed.v1").inc()
    gateway.metrics.request_seconds.labels("/v1/cases").observe(0.1)
    assert "_created" not in generate_latest().decode()
