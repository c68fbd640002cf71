"""A running city on a broker and a database of its own, which the tests of a module stop, block and fill."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from launcher.servers.broker import Broker
from launcher.servers.database import Database
from launcher.servers.secrets import Keys
from tests.servers.city import City, start
from tests.servers.machine import Machine, make_broker, make_database, started
from tests.servers.site import Running, Site


@dataclass
class Town:
    """`parts`: org, cases and the gateway, which nobody starts anew."""

    city: City
    broker: Machine[Broker]
    database: Machine[Database]
    parts: list[Running]

    def health(self) -> dict[str, dict[str, str]]:
        """What /readyz of each part says of what it needs."""
        return {running.part.name: running.part.health().get("checks", {}) for running in self.parts}

    def ready(self) -> bool:
        return all(running.part.ready() for running in self.parts)


@pytest.fixture(scope="module")
def database_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database")


@pytest.fixture(scope="module")
def town(keys: Keys, database_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with started(make_broker(folder / "broker")) as broker, started(make_database(database_folder)) as database:
        site = Site(broker.server, database.server, keys, folder)
        try:
            parts = start(site)
            city = City(site, "wuhai").opened()
            yield Town(city, broker, database, parts)
            assert [part.process.alive for part in parts] == [True] * len(parts), "a part had to be started anew"
            city.sign_out()
        finally:
            site.close()
