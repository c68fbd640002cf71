"""org and residents, running for all tests of this folder, each in a tenant of its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.integration.residents.categories_town import CategoriesTown
from tests.integration.residents.town import Town
from tests.servers.site import Site

_numbers = itertools.count(1)


@pytest.fixture(scope="package")
def residents_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    yield from _site(Site(broker, database, keys, tmp_path_factory.mktemp("residents")))


@pytest.fixture(scope="module")
def own_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A site of the module alone, whose tests move its clock by months."""
    yield from _site(Site(broker, database, keys, tmp_path_factory.mktemp("residents")))


@pytest.fixture
def at(own_site: Site) -> Iterator[CategoriesTown]:
    opened = CategoriesTown(own_site, f"categories-{next(_numbers)}").open()
    yield opened
    opened.close()


@pytest.fixture
def town(residents_site: Site) -> Iterator[Town]:
    opened = Town(residents_site, f"town-{next(_numbers)}").open()
    yield opened
    opened.close()


def _site(site: Site) -> Iterator[Site]:
    try:
        site.start("org", "residents")
        yield site
    finally:
        site.remove()
