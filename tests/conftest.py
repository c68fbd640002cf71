"""Servers for every test that needs them: a real broker and a real database, started once for the whole run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from launcher.commands import rows
from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.processes import PARTS
from launcher.servers.secrets import Keys
from tests.servers.machine import Machine, make_broker, make_database, started
from tests.servers.site import Site

# A deadline of a few milliseconds measures how busy the machine is, not the rule. A gate tries the same examples each
# time, so that it refuses nobody for what somebody else did; developers' runs look for new ones.
hypothesis.settings.register_profile("linli", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("linli")
# Each installation that a test starts loads the demo; how large it is proves nothing more.
os.environ.setdefault("LINLI_DEMO_RESIDENTS", "600")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A mark that names no row of the domain fails the run."""
    rows.assign(rows.read(rows.DOMAIN.read_text()), rows.marks_of(items))


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Key files as an installation makes them for itself."""
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """RabbitMQ with Linli's definitions in `/`. Shared: not to be stopped, nor its virtual host `/` used up."""
    with started(make_broker(tmp_path_factory.mktemp("broker"))) as machine:
        yield machine.server


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A server of MongoDB's protocol. Shared: not to be stopped."""
    with started(make_database(tmp_path_factory.mktemp("database"))) as machine:
        yield machine.server


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Machine[Broker]]:
    """A broker that the test may kill and start again."""
    with started(make_broker(tmp_path / "broker")) as machine:
        yield machine


@pytest.fixture
def own_database(tmp_path: Path) -> Iterator[Machine[Database]]:
    """A database that the test may kill and start again."""
    with started(make_database(tmp_path / "database")) as machine:
        yield machine


@pytest.fixture
def site(broker: Broker, database: Database, keys: Keys, tmp_path: Path) -> Iterator[Site]:
    """An installation for this test alone, with nothing started: `site.start("cases")`."""
    fresh = Site(broker, database, keys, tmp_path)
    yield fresh
    fresh.remove()


@pytest.fixture
def own_site(
    own_broker: Machine[Broker], own_database: Machine[Database], keys: Keys, tmp_path: Path
) -> Iterator[Site]:
    """As `site`, on a broker and a database that the test may kill: it asks for `own_broker`, `own_database` too."""
    fresh = Site(own_broker.server, own_database.server, keys, tmp_path)
    yield fresh
    fresh.close()


@pytest.fixture(scope="session")
def running_site(
    broker: Broker, database: Database, keys: Keys, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One installation with all its parts, shared by every test that only talks to it (in a tenant of its own)."""
    shared = Site(broker, database, keys, tmp_path_factory.mktemp("site"))
    try:
        shared.start(*PARTS)
        yield shared
    finally:
        shared.remove()
