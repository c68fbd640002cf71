"""One running site with two cities, for all tests of what nobody may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.servers.city import City, start
from tests.servers.site import Site


@pytest.fixture(scope="package")
def two_cities(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[City, City]]:
    site = Site(broker, database, keys, tmp_path_factory.mktemp("security"))
    cities = City(site, "east-city"), City(site, "west-city")
    try:
        start(site)
        for each in cities:
            each.opened()
        yield cities
    finally:
        for each in cities:
            each.sign_out()
        site.remove()


@pytest.fixture
def city(two_cities: tuple[City, City]) -> City:
    return two_cities[0]


@pytest.fixture
def other(two_cities: tuple[City, City]) -> City:
    """Another city of the same installation."""
    return two_cities[1]
