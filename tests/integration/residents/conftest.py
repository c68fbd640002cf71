"""org and residents, running for all tests of this folder, each in a tenant of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.integration.residents.town import Town
from tests.servers.site import Site

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def residents_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    shared = Site(broker, database, keys, tmp_path_factory.mktemp("residents"))
    try:
        shared.start("org", "residents")
        yield shared
    finally:
        shared.remove()


@pytest.fixture
def town(residents_site: Site) -> Iterator[Town]:
    opened = Town(residents_site, f"town-{next(_numbers)}").open()
    yield opened
    opened.close()
