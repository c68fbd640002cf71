"""The private broker and database: what they say of themselves, and how they end."""

from __future__ import annotations

from launcher.database import Database, Engine


def test_a_database_is_called_by_the_engine_that_runs_not_by_the_one_that_would_be_started(database: Database) -> None:
    seen = Database(database.folder, database.port, database.passwords, Engine("another", ()))
    assert seen.version().startswith(f"{database.engine.name} ")
