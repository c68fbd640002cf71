"""The private broker and database: what they say of themselves, and how they end."""

from __future__ import annotations

import subprocess

import pytest

from launcher.servers.broker import Broker
from launcher.servers.database import Database, Engine
from tests.servers.machine import Machine


def test_a_database_is_called_by_the_engine_that_runs_not_by_the_one_that_would_be_started(database: Database) -> None:
    seen = Database(database.folder, database.port, database.passwords, Engine("another", ()))
    assert seen.version().startswith(f"{database.engine.name} ")


def test_a_broker_that_was_prepared_has_no_plugin_for_which_it_would_wait(own_broker: Machine[Broker]) -> None:
    has_it = "true = lists:member(rabbit_mgmt_db_handler, gen_event:which_handlers(rabbit_event))."
    own_broker.server.control("eval", has_it)
    own_broker.server.prepare_stop()
    with pytest.raises(subprocess.CalledProcessError):
        own_broker.server.control("eval", has_it)
