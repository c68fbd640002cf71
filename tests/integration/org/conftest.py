"""Fixtures: one running org for all tests of this folder, each in its own tenant."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.integration.org.city import City
from tests.integration.org.client import OrgClient
from tests.servers.site import Site


@pytest.fixture(scope="package")
def org_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    shared = Site(broker, database, keys, tmp_path_factory.mktemp("org"))
    try:
        shared.start("org")
        yield shared
    finally:
        shared.remove()


@pytest.fixture
def client(org_site: Site) -> Iterator[OrgClient]:
    caller = OrgClient(org_site)
    yield caller
    caller.close()


_numbers = itertools.count(1)


@pytest.fixture
def new_city(client: OrgClient) -> Callable[[], City]:
    """`new_city()` opens a tenant with the divisions of 海勃湾区's 新华街道."""
    return lambda: City.opened(client, f"city-{next(_numbers)}")


@pytest.fixture
def city(new_city: Callable[[], City]) -> City:
    return new_city()
