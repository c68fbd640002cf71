"""Each test has a city of its own under the same name, so what was cached of the last one is forgotten."""

from __future__ import annotations

import pytest

from services.cases.directory import limit_versions, outlines, replicas
from tests.unit.cases.people import TENANT


@pytest.fixture(autouse=True)
def _new_city() -> None:
    for cache in (limit_versions._settings, outlines._outlines, replicas._zones, replicas._entries):
        cache.forget(TENANT)
