"""Readiness: a service is ready when its own components are up, whichever it has."""

from __future__ import annotations

import pytest

from tests.servers.site import Site


@pytest.mark.parametrize(
    ("service", "checks"),
    [
        ("halves:Answering", {"database", "requests", "replies", "consumer"}),
        ("halves:Listening", {"database", "consumer"}),
        ("sample:SampleWithResync", {"database", "requests", "replies", "consumer"}),
    ],
)
def test_a_service_waits_for_what_it_has_and_nothing_else(sample_site: Site, service: str, checks: set[str]) -> None:
    running = sample_site.launch("cases", runs=f"tests.integration.chassis.{service}")
    running.wait_until_ready()
    assert running.part.health()["checks"] == dict.fromkeys(checks, "up")
    running.stop()
