"""A service is ready when what it has is up; what it does not have cannot keep it waiting."""

from __future__ import annotations

import pytest

from tests.servers.site import Site


@pytest.mark.parametrize(
    ("service", "parts"),
    [
        ("halves:Answering", {"database", "requests", "replies"}),
        ("halves:Listening", {"database", "subscription"}),
        ("sample:SampleWithResync", {"database", "requests", "replies", "subscription"}),
    ],
)
def test_a_service_waits_for_what_it_has_and_nothing_else(sample_site: Site, service: str, parts: set[str]) -> None:
    running = sample_site.launch("cases", runs=f"tests.integration.chassis.{service}")
    running.wait_until_ready()
    assert running.part.health()["parts"] == dict.fromkeys(parts, "up")
    running.stop()
