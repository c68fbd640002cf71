"""Starting: without a secret a part refuses and names it; without its broker and database it waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from launcher.servers.process import wait_until
from launcher.servers.processes import PARTS, Part, key_settings
from launcher.servers.secrets import Keys
from tests.servers import ports
from tests.servers.machine import make_broker, make_database, started

NOBODY = {"AMQP_URI": "amqp://u:p@127.0.0.1:9/", "MONGODB_URI": "mongodb://127.0.0.1:9/"}
SHARED = ["AMQP_URI", "MONGODB_URI", "LINLI_ROOT_KEY_FILE", "LINLI_INDEX_KEY_FILE", "LINLI_AUDIT_KEY_FILE"]
NEEDED = {
    "org": [*SHARED, "LINLI_PRINCIPAL_PUBLIC_KEY_FILE"],
    "cases": [*SHARED, "LINLI_PRINCIPAL_PUBLIC_KEY_FILE", "LINLI_TICKET_KEY_FILE"],
}
FATAL_SECONDS = 60


def settings_of(part: str, keys: Keys) -> dict[str, str]:
    return NOBODY | {"LINLI_OPS_PORT": str(ports.free(1)[0])} | key_settings(part, keys)


def refusal(part: str, settings: dict[str, str], folder: Path) -> str:
    """What it says as it ends."""
    running = Part(part, settings, folder / f"{part}.log")
    process = running.start()
    try:
        assert wait_until(lambda: not process.alive, FATAL_SECONDS), f"{part} started"
    finally:
        process.kill()
    return running.log.read_text()


@pytest.mark.parametrize(("part", "variable"), [(part, name) for part, names in NEEDED.items() for name in names])
def test_without_a_secret_a_service_refuses_to_start_and_names_it(
    keys: Keys, tmp_path: Path, part: str, variable: str
) -> None:
    settings = settings_of(part, keys)
    del settings[variable]
    said = refusal(part, settings, tmp_path)
    assert f"Set {variable}" in said
    assert "Traceback" not in said


def test_a_secret_that_is_empty_or_not_there_is_no_secret(keys: Keys, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    for file in (empty, tmp_path / "nothing"):
        said = refusal("cases", settings_of("cases", keys) | {"LINLI_AUDIT_KEY_FILE": str(file)}, tmp_path)
        assert "LINLI_AUDIT_KEY_FILE is not valid" in said
        assert "Traceback" not in said


def test_what_starts_before_its_broker_and_database_waits_and_becomes_ready_when_they_come(
    keys: Keys, tmp_path: Path
) -> None:
    broker, database = make_broker(tmp_path / "broker"), make_database(tmp_path / "database")
    uris = {part: {"AMQP_URI": broker.uri(part), "MONGODB_URI": database.uri(part)} for part in PARTS}
    parts = [Part(part, settings_of(part, keys) | own, tmp_path / f"{part}.log") for part, own in uris.items()]
    parts = [
        Part(each.name, {**each.settings, "LINLI_GATEWAY_PORT": str(ports.free(1)[0])}, each.log) for each in parts
    ]
    processes = [part.start() for part in parts]
    try:
        assert wait_until(lambda: all(part.health() for part in parts), 60)
        assert not any(part.ready() for part in parts)
        with started(database), started(broker):
            assert wait_until(lambda: all(part.ready() for part in parts), 90), [part.health() for part in parts]
            assert all(process.alive for process in processes)
    finally:
        for process in processes:
            process.kill()
