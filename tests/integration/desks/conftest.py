"""Org and cases, running for all tests of this folder, each in a tenant of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from launcher.broker import Broker
from launcher.database import Database
from launcher.keys import Keys
from tests.integration.desks.town import Town
from tests.servers.site import Site

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def desks_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    shared = Site(broker, database, keys, tmp_path_factory.mktemp("desks"))
    try:
        shared.start("org", "cases")
        yield shared
    finally:
        shared.remove()


@pytest.fixture
def town(desks_site: Site) -> Iterator[Town]:
    opened = Town(desks_site, f"town-{next(_numbers)}").build()
    yield opened
    opened.close()
