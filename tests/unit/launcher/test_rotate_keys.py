"""`./linli rotate-keys` keeps other commands out while it runs, and reads all keys before it stops anything."""

from __future__ import annotations

import argparse
import fcntl
import shutil
import threading
from pathlib import Path

import pytest

from launcher.commands import rotate_keys
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.service_list import NAMES

ALL = argparse.Namespace(service=None)
STEPS = ["stop", "start", "rewrap", "start"] * len(NAMES)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """One that `up` has made, of which nothing runs."""
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    for name in ("AMQP_URI", "MONGODB_URI"):
        monkeypatch.delenv(name, raising=False)
    made = Installation()
    assert made.parts
    return made


@pytest.fixture
def steps(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Each step that the command takes, and whether another command could take the register meanwhile."""
    taken: list[tuple[str, bool]] = []

    def note(step: str) -> None:
        taken.append((step, is_free(installation)))

    monkeypatch.setattr(Installation, "stop", lambda self, name: note("stop"))
    monkeypatch.setattr(rotate_keys, "start", lambda started: note("start"))
    monkeypatch.setattr(rotate_keys, "_rewrap", lambda opened, service: note("rewrap"))
    return taken


def is_free(installation: Installation) -> bool:
    with (installation.folder / "running" / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def stored(installation: Installation) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in installation.keys.folder.iterdir()}


def test_no_other_command_starts_or_stops_anything_until_it_ends(
    installation: Installation, steps: list[tuple[str, bool]]
) -> None:
    assert rotate_keys.run(ALL) == 0
    assert steps == [(step, False) for step in STEPS]
    assert is_free(installation)


def test_it_touches_nothing_while_another_command_runs(
    installation: Installation, steps: list[tuple[str, bool]]
) -> None:
    before = stored(installation)
    rotation = threading.Thread(target=rotate_keys.run, args=(ALL,))
    with installation.register.held():
        rotation.start()
        rotation.join(0.3)
        assert (steps, stored(installation)) == ([], before)
    rotation.join(10)
    assert [step for step, _ in steps] == STEPS


@pytest.mark.parametrize("damage", ["", "not base64", "c2hvcnQ=", "\udcff"])
@pytest.mark.parametrize("old", [True, False], ids=["old", "current"])
@pytest.mark.parametrize("kind", ["root", "index"])
def test_a_damaged_key_of_any_service_stops_it_before_anything_else(
    installation: Installation, steps: list[tuple[str, bool]], kind: str, old: bool, damage: str
) -> None:
    key: Path = getattr(installation.keys, kind)(NAMES[-1])
    damaged = installation.keys.old(key) if old else key
    damaged.write_bytes(damage.encode(errors="surrogateescape"))
    before = stored(installation)
    with pytest.raises(Stopped, match=f"{damaged.name} does not hold a key .*; restore it from a backup"):
        rotate_keys.run(ALL)
    assert (steps, stored(installation)) == ([], before)


def test_a_lost_key_is_named_and_not_replaced(installation: Installation, steps: list[tuple[str, bool]]) -> None:
    lost = installation.keys.root(NAMES[-1])
    lost.unlink()
    with pytest.raises(Stopped, match=f"{lost.name} is missing"):
        rotate_keys.run(ALL)
    assert steps == []
    assert not lost.exists()


def test_a_key_that_is_no_file_is_named(installation: Installation, steps: list[tuple[str, bool]]) -> None:
    key = installation.keys.root(NAMES[0])
    key.unlink()
    key.mkdir()
    with pytest.raises(Stopped, match=f"{key.name} cannot be read"):
        rotate_keys.run(ALL)
    assert steps == []


def test_an_installation_that_was_deleted_meanwhile_is_not_made_again(
    installation: Installation, steps: list[tuple[str, bool]]
) -> None:
    failures: list[Stopped] = []

    def rotate() -> None:
        try:
            rotate_keys.run(ALL)
        except Stopped as stopped:
            failures.append(stopped)

    rotation = threading.Thread(target=rotate)
    with installation.register.held():
        rotation.start()
        rotation.join(0.3)
        shutil.rmtree(installation.folder)
    rotation.join(10)
    assert "run ./linli up first" in str(failures[0])
    assert (steps, installation.folder.exists()) == ([], False)
