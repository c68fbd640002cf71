"""The private broker and database: what they say of themselves, and how they end."""

from __future__ import annotations

import signal

from launcher.broker import Broker
from launcher.database import Database, Engine
from launcher.process import wait_until
from tests.servers.machine import Machine


def test_a_database_is_called_by_the_engine_that_runs_not_by_the_one_that_would_be_started(database: Database) -> None:
    seen = Database(database.folder, database.port, database.passwords, Engine("another", ()))
    assert seen.version().startswith(f"{database.engine.name} ")


def test_a_broker_that_was_prepared_ends_without_waiting_for_its_management_plugin(own_broker: Machine[Broker]) -> None:
    own_broker.server.prepare_stop()
    own_broker.process.signal(signal.SIGTERM)
    assert wait_until(lambda: not own_broker.process.alive, 5), "the plugin alone waits for 5 s"
