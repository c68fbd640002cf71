"""`./linli rotate-keys` keeps other commands out while it runs, and tries all keys before it stops anything."""

from __future__ import annotations

import argparse
import base64
import fcntl
import os
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.security.sealing import KeyRing, Rewrapped
from chassis.settings import Settings
from launcher.commands import rotate_keys
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.servers import process
from launcher.servers.process import MARK
from launcher.service_list import NAMES
from tests.servers.set_clock import SetClock
from tests.unit.chassis.test_key_rotation import TableToRewrap

ALL = argparse.Namespace(service=None)
STEPS = ["start database", *["stop", "rewrap", "start"] * len(NAMES)]
TENANT, SECRET = "yaan", "of a resident"


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
def databases(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> dict[str, TableToRewrap]:
    """The stored keys of each service, in which one tenant has sealed and indexed something."""
    tables = {name: TableToRewrap() for name in NAMES}

    def runtime(settings: Settings) -> Any:
        collections = SimpleNamespace(database=lambda: {"keys": tables[settings.service]}, close=lambda: None)
        return SimpleNamespace(settings=settings, collections=collections, clock=SetClock(datetime.now(UTC)))

    monkeypatch.setattr(rotate_keys, "Runtime", runtime)
    for name in NAMES:
        with rotate_keys._key_ring(installation, name) as ring:
            ring.of(TENANT).blind(SECRET, "name")
            ring.of(TENANT).seal(SECRET, "a.field")
    return tables


@pytest.fixture
def steps(
    installation: Installation, databases: dict[str, TableToRewrap], monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, bool]]:
    """Each step that the command takes, and whether another command could take the register meanwhile."""
    taken: list[tuple[str, bool]] = []

    def note(step: str) -> None:
        taken.append((step, is_free(installation)))

    def rewrap(ring: KeyRing) -> Rewrapped:
        note("rewrap")
        return really(ring)

    really = KeyRing.rewrap
    monkeypatch.setattr(Installation, "stop", lambda self, name: note("stop"))
    monkeypatch.setattr(rotate_keys, "start", lambda started: note("start"))
    monkeypatch.setattr(rotate_keys, "start_database", lambda started: note("start database"))
    monkeypatch.setattr(KeyRing, "rewrap", rewrap)
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


def another_key(file: Path) -> None:
    file.write_bytes(base64.b64encode(os.urandom(32)))


@pytest.mark.parametrize(("kind", "locked"), [("root", f"{TENANT}:1"), ("index", f"{TENANT}:index")])
def test_a_key_that_opens_nothing_stops_it_before_anything_else(
    installation: Installation, steps: list[tuple[str, bool]], kind: str, locked: str
) -> None:
    another_key(getattr(installation.keys, kind)(NAMES[-1]))
    before = stored(installation)
    with pytest.raises(Stopped, match=rf"^{NAMES[-1]}: .* the stored keys {locked}\. Nothing was changed;"):
        rotate_keys.run(ALL)
    assert ([step for step, _ in steps], stored(installation)) == (["start database"], before)


def test_the_right_key_put_beside_the_present_one_as_told_lets_it_go_on(
    installation: Installation, steps: list[tuple[str, bool]]
) -> None:
    root = installation.keys.root(NAMES[-1])
    right = root.read_bytes()
    another_key(root)
    beside = installation.keys.old(root)
    with pytest.raises(Stopped, match=rf" as {beside.name} "):
        rotate_keys.run(ALL)
    beside.write_bytes(right)
    rotate_keys.run(ALL)
    assert not beside.exists()
    assert root.read_bytes() != right


def test_keys_that_a_rotation_cannot_wrap_again_keep_the_old_root_keys(
    installation: Installation, steps: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeyRing, "rewrap", lambda ring: Rewrapped(0, [f"{n}:1" for n in range(7)]))
    with pytest.raises(Stopped, match=r"0:1, 1:1, 2:1, 3:1, 4:1 and 2 more\. Both its old and its new root keys"):
        rotate_keys.run(argparse.Namespace(service=NAMES[0]))
    root = installation.keys.root(NAMES[0])
    assert root.exists()
    assert installation.keys.old(root).exists()
    assert [step for step, _ in steps] == ["start database", "stop", "start"]


def test_after_it_the_new_root_keys_open_what_was_stored(
    installation: Installation, databases: dict[str, TableToRewrap], steps: list[tuple[str, bool]]
) -> None:
    before = stored(installation)
    for _ in range(2):
        assert rotate_keys.run(ALL) == 0
    for name in NAMES:
        assert installation.keys.root(name).read_bytes() != before[f"{name}.root.key"]
        with rotate_keys._key_ring(Installation(), name) as ring:
            assert ring.locked() == []
    assert stored(installation).keys() == before.keys()


def test_no_root_key_is_deleted_while_a_process_of_the_service_runs(
    installation: Installation, steps: list[tuple[str, bool]], monkeypatch: pytest.MonkeyPatch
) -> None:
    service, started, really = NAMES[0], [], KeyRing.rewrap

    def rewrap(ring: KeyRing) -> Rewrapped:
        env = {"PATH": os.environ["PATH"], MARK: f"{installation.folder}/{service}"}
        started.append(process.start(["sleep", "600"], env=env, log=installation.folder / "log"))
        return really(ring)

    monkeypatch.setattr(KeyRing, "rewrap", rewrap)
    try:
        with pytest.raises(Stopped, match=r"process [0-9]+ runs, so no root key is deleted"):
            rotate_keys.run(argparse.Namespace(service=service))
        assert installation.keys.old(installation.keys.root(service)).exists()
    finally:
        for each in started:
            each.kill()


def test_nothing_of_the_service_runs_when_its_keys_are_wrapped_again(
    installation: Installation, databases: dict[str, TableToRewrap], monkeypatch: pytest.MonkeyPatch
) -> None:
    service = NAMES[0]
    env = {"PATH": os.environ["PATH"], MARK: f"{installation.folder}/{service}"}
    left_behind = [process.start(["sleep", "600"], env=env, log=installation.folder / "log") for _ in range(2)]
    really, running = KeyRing.rewrap, []

    def rewrap(ring: KeyRing) -> Rewrapped:
        running.extend(each for each in left_behind if each.alive)
        return really(ring)

    monkeypatch.setattr(KeyRing, "rewrap", rewrap)
    monkeypatch.setattr(rotate_keys, "start", lambda started: None)
    monkeypatch.setattr(rotate_keys, "start_database", lambda started: None)
    try:
        assert rotate_keys.run(argparse.Namespace(service=service)) == 0
        assert running == []
    finally:
        for each in left_behind:
            each.kill()
