"""Isolated installation for tests: a virtual host, databases, keys, a clock, and processes on free ports."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
from pymongo.database import Database as Collections

from chassis.settings import Settings
from launcher.servers import process
from launcher.servers.broker import Broker
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.database import ADMINISTRATOR, Database
from launcher.servers.processes import PARTS, Part, key_settings
from launcher.servers.secrets import Keys
from launcher.service_list import NAMES
from tests.servers import ports
from tests.servers.log import bodies

START_SECONDS = 60
PUBLISHED_SECONDS = 60


class Running:
    """A started part. `stop` sends SIGTERM and lets it drain; `kill` sends SIGKILL."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.process = part.start()

    def wait_until_ready(self) -> None:
        process.wait_until(lambda: self.part.ready() or not self.process.alive, START_SECONDS)
        if not self.part.ready():
            state = f"not ready: {self.part.health()}" if self.process.alive else "ended"
            raise AssertionError(f"{self.part.name} is {state}\n{self.part.log.read_text()[-4000:]}")

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.stop()

    def restart(self) -> None:
        """Restarts the part after `kill` or `stop`, with the same ports and settings."""
        self.process = self.part.start()
        self.wait_until_ready()


class Site:
    """Isolated from every other site on the same broker and database by its virtual host and database names."""

    def __init__(self, broker: Broker, database: Database, keys: Keys, folder: Path) -> None:
        self.broker = broker
        self.keys = keys
        self.folder = folder
        self.name = f"site{uuid.uuid4().hex[:8]}"
        self.gateway_port = ports.free(1)[0]
        self.started: list[Running] = []
        self._clock = folder / "clock"
        self._shift = timedelta()
        self._database = database
        self._client: pymongo.MongoClient[dict[str, Any]] = pymongo.MongoClient(database.uri(ADMINISTRATOR))
        broker.import_definitions(self.name)

    @property
    def url(self) -> str:
        """Address of the gateway."""
        return f"http://127.0.0.1:{self.gateway_port}"

    def amqp(self, user: str) -> str:
        """Returns the URI of its virtual host for `org`, `cases`, `gateway` or `operator`."""
        return self.broker.uri(user, self.name)

    def collections(self, service: str) -> Collections[dict[str, Any]]:
        """Returns the database of a service."""
        return self._client[self._database_of(service)]

    @property
    def blobs(self) -> Collections[dict[str, Any]]:
        """The blob store, which all sites share."""
        return self._client["linli_photos"]

    def published(self, service: str, **where: Any) -> bool:
        """Whether all outboxes of the service are empty (`tenant="x"`: of that tenant)."""
        rows, holding = self.collections(service), {"outbox.0": {"$exists": True}, **where}
        return not any(rows[name].find_one(holding, {"_id": 1}) for name in rows.list_collection_names())

    def log(self, tenant: str) -> list[bytes]:
        """Returns all encoded events of the tenant's log, including duplicates.

        Waits for the outboxes first: events left there by a killed process are published after newer ones.
        """

        def all_published() -> bool:
            return all(self.published(service, tenant=tenant) for service in NAMES)

        assert process.wait_until(all_published, PUBLISHED_SECONDS)
        return bodies(self.amqp(GATEWAY), tenant)

    @property
    def now(self) -> datetime:
        """Time on the clock of all processes of this site."""
        return datetime.now(UTC) + self._shift

    def advance(self, by: timedelta) -> None:
        """Moves the clock of all processes of this site."""
        self._shift += by
        self._clock.write_text(str(self._shift.total_seconds()))

    def settings(self, part: str, **more: str) -> dict[str, str]:
        """Returns the environment of a part, overridden by `more`."""
        own = {
            "AMQP_URI": self.amqp(part),
            "MONGODB_URI": self._database.uri(ADMINISTRATOR),
            "LINLI_DATABASE": self._database_of(part),
            "LINLI_WRITE_CONCERN": self._database.engine.write_concern,
            "LINLI_CLOCK_FILE": str(self._clock),
            "LINLI_OPS_PORT": str(ports.free(1)[0]),
            "LINLI_REPLICA": f"{part}-{len(self.started)}",
        }
        if part == GATEWAY:
            own["LINLI_GATEWAY_PORT"] = str(self.gateway_port)
        return own | key_settings(part, self.keys) | more

    def service_settings(self, service: str, **more: str) -> Settings:
        """Returns the same as a typed object, for tests that run chassis code in their own process."""
        return Settings.for_service(service, self.settings(service, **more))

    def start(self, *names: str) -> list[Running]:
        """Starts a process for each name (`org`, `cases`, `gateway`) and waits until all are ready."""
        running = [self.launch(name) for name in names]
        for each in running:
            each.wait_until_ready()
        return running

    def launch(self, name: str, *, runs: str = "", **more: str) -> Running:
        """Starts a part without waiting. `runs`: a different service class, such as `tests.x.sample:Sample`."""
        settings = self.settings(name, **more)
        running = Running(Part(name, settings, self.folder / f"{settings['LINLI_REPLICA']}.log", runs))
        self.started.append(running)
        return running

    def close(self) -> None:
        for running in self.started:
            running.kill()
        self._client.close()

    def remove(self) -> None:
        """Closes the site and removes its virtual host and databases."""
        for running in self.started:
            running.kill()
        for name in PARTS:
            self._client.drop_database(self._database_of(name))
        self._client.close()
        self.broker.call("DELETE", f"/api/vhosts/{self.name}")

    def _database_of(self, part: str) -> str:
        return f"{self.name}_{part}"
