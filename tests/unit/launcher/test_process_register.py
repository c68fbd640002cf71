"""The register finds every process of its installation, also one that a killed command did not register."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from launcher import starting
from launcher.commands import down, status
from launcher.installation import Installation
from launcher.servers import process
from launcher.servers.process import MARK, Process
from launcher.servers.process_register import Register
from launcher.servers.processes import ROOT, Part

# Starts cases as `up` does, from a command that is killed right after it.
KILLED = """
import os, signal
from launcher.installation import Installation
from launcher.servers.processes import Part
Part._command = lambda part: ["sleep", "600"]
cases = next(part for part in Installation().parts if part.name == "cases")
Installation().register.add(cases, (cases.start(), os.kill(os.getpid(), signal.SIGKILL))[0])
"""


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """One whose parts sleep, on servers that do not run."""
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    for name in ("AMQP_URI", "MONGODB_URI"):
        monkeypatch.setenv(name, "none://127.0.0.1:1")
    monkeypatch.setattr(Part, "_command", lambda part: ["sleep", "600"])
    yield Installation()
    for _, stray in all_of(tmp_path):
        stray.kill()


def all_of(home: Path) -> list[tuple[str, Process]]:
    return [(mark, found) for mark, found in process.marked() if mark.startswith(f"{home}/")]


def start_and_be_killed() -> None:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", KILLED], env=env, check=False)
    assert killed.returncode == -signal.SIGKILL


def part(installation: Installation, name: str) -> Part:
    return next(part for part in installation.parts if part.name == name)


def test_what_a_killed_command_started_is_found(installation: Installation, tmp_path: Path) -> None:
    start_and_be_killed()
    ((mark, stray),) = all_of(tmp_path)
    assert mark == f"{tmp_path}/cases"
    assert installation.register.strays == {"cases": [stray]}
    assert installation.register.find("cases") == stray
    assert installation.register.names == ["cases"]
    assert not installation.register.runs(part(installation, "cases"))


def test_status_names_it_beside_a_registered_one(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Part, "ready", lambda part: True)
    monkeypatch.setattr(Part, "version", lambda part: "")
    for each in installation.members:
        installation.register.add(each, each.start())
    assert process.wait_until(installation.members[-1].ready, 60)
    assert status.run(argparse.Namespace()) == 0
    start_and_be_killed()
    (stray,) = installation.register.strays["cases"]
    capsys.readouterr()
    assert status.run(argparse.Namespace()) == 1
    told = f"cases      an interrupted command has left process {stray.pid} behind; ./linli up ends it"
    assert told in capsys.readouterr().out


def test_status_says_that_the_supervisor_restarts_what_died_and_its_new_process_is_no_stray(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Part, "ready", lambda part: True)
    monkeypatch.setattr(Part, "version", lambda part: "")
    *parts, supervisor = installation.members
    for each in parts:
        installation.register.add(each, each.start())
    watching = {"PATH": os.environ["PATH"], MARK: f"{tmp_path}/supervisor"}
    installation.register.add(supervisor, process.start(["sleep", "600"], env=watching, log=tmp_path / "log"))
    died = installation.register.find("cases")
    assert died
    died.kill()
    new = part(installation, "cases").start()  # as the supervisor does, before it registers the process
    assert status.run(argparse.Namespace()) == 1
    told = capsys.readouterr().out
    assert "cases      restarting" in told
    assert f"cases      is being restarted (process {new.pid})" in told
    assert "left process" not in told


@pytest.mark.parametrize("registered", [True, False])
def test_up_ends_it_and_leaves_exactly_one(
    installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, registered: bool
) -> None:
    monkeypatch.setattr(Part, "ready", lambda part: True)
    monkeypatch.setattr(Part, "version", lambda part: "")
    if registered:
        starting.start(installation)
    start_and_be_killed()
    before = dict(all_of(tmp_path))
    later = Installation()
    starting.start(later)
    now = all_of(tmp_path)
    assert sorted(mark for mark, _ in now) == sorted(f"{tmp_path}/{member.name}" for member in later.members)
    assert later.register.strays == {}
    assert all(later.register.runs(member) for member in later.members)
    assert not before[f"{tmp_path}/cases"].alive


def test_down_ends_it(installation: Installation, tmp_path: Path) -> None:
    installation.register.add(part(installation, "cases"), part(installation, "cases").start())
    start_and_be_killed()
    start_and_be_killed()
    assert len(all_of(tmp_path)) == 3
    assert down.run(argparse.Namespace(purge=False, yes=False)) == 0
    assert all_of(tmp_path) == []


def test_processes_of_other_installations_and_children_are_not_strays(tmp_path: Path) -> None:
    script = "import subprocess, sys; print('ready', flush=True); subprocess.run(['sleep', '600'])"
    log = tmp_path / "log"
    env = {"PATH": os.environ["PATH"]}
    homes = (tmp_path / "one", tmp_path / "two")
    started = [
        process.start([sys.executable, "-c", script], env=env | {MARK: f"{home}/cases"}, log=log) for home in homes
    ]
    try:
        assert process.wait_until(lambda: all(len(list(children(each.pid))) for each in started), 60)
        for home, each in zip(homes, started, strict=True):
            assert Register(home / "running").strays == {"cases": [each]}
    finally:
        for each in started:
            os.killpg(each.pid, signal.SIGKILL)


def test_a_command_that_inherits_a_mark_is_no_stray_of_itself(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from launcher.servers.process_register import Register; "
        f"print(Register(Path('{tmp_path}/running')).strays)"
    )
    env = os.environ | {MARK: f"{tmp_path}/cases"}
    shell = ["sh", "-c", f'{sys.executable} -c "{script}"; true']
    said = subprocess.run(shell, env=env, capture_output=True, text=True, check=True, cwd=ROOT)
    assert said.stdout == "{}\n"


def children(pid: int) -> Iterator[str]:
    yield from Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


@pytest.mark.parametrize("damage", ["", "{", "[]", "{}", '{"pid": "x", "started": 1, "identity": "x"}'])
def test_a_damaged_entry_hides_no_process(tmp_path: Path, damage: str) -> None:
    register = Register(tmp_path / "running")
    env = {"PATH": os.environ["PATH"], MARK: f"{tmp_path}/cases"}
    started = process.start(["sleep", "600"], env=env, log=tmp_path / "log")
    member: Any = SimpleNamespace(name="cases", identity="x")
    register.add(member, started)
    assert register.runs(member)
    (tmp_path / "running" / "cases.json").write_text(damage)
    assert not register.runs(member)
    register.stop("cases")
    assert not started.alive
    assert register.names == []
