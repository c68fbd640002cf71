"""Stopping order of `./linli down`."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.commands import down
from launcher.installation import Installation
from launcher.servers import process
from launcher.servers.broker import Broker
from launcher.servers.process import Process
from launcher.service_list import NAMES

# On SIGTERM, records it, and exits once all of its companions have received it as well.
STAND_IN = """
import pathlib, signal, sys, time
file, name, *companions = sys.argv[1:]
told = pathlib.Path(file)
def end(*_):
    with told.open("a") as lines:
        lines.write(f"{name} is told\\n")
    while not all(f"{companion} is told" in told.read_text() for companion in companions):
        time.sleep(0.01)
    with told.open("a") as lines:
        lines.write(f"{name} has ended\\n")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True:
    signal.pause()
"""
STOP_ORDER = (("supervisor",), ("gateway",), NAMES, ("broker", "database"))


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Process]]:
    """Stand-ins for all members of an installation."""
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    monkeypatch.setattr(Broker, "prepare_stop", lambda broker: None)  # there is no node to prepare
    for name in ("AMQP_URI", "MONGODB_URI"):
        monkeypatch.delenv(name, raising=False)
    installation = Installation()
    companions = {name: group for group in STOP_ORDER for name in group}
    processes = []
    for member in installation.members:
        log = tmp_path / f"{member.name}.log"
        command = [sys.executable, "-c", STAND_IN, str(tmp_path / "told"), member.name, *companions[member.name]]
        processes.append(process.start(command, env={"PATH": os.environ["PATH"]}, log=log))
        installation.register.add(member, processes[-1])
        assert process.wait_until(lambda log=log: "ready" in log.read_text(), 60)
    yield processes
    for each in processes:
        each.kill()


def test_first_the_supervisor_stops_then_the_gateway_then_all_services_together_and_the_servers_last(
    running: list[Process], tmp_path: Path
) -> None:
    assert down.run(argparse.Namespace(purge=False, yes=False)) == 0
    assert not any(each.alive for each in running)
    told = iter((tmp_path / "told").read_text().splitlines())
    for group in STOP_ORDER:
        for what in ("is told", "has ended"):
            assert {next(told) for _ in group} == {f"{name} {what}" for name in group}


def purge(home: Path, monkeypatch: pytest.MonkeyPatch, *, yes: bool) -> int:
    monkeypatch.setenv("LINLI_HOME", str(home))
    return down.run(argparse.Namespace(purge=True, yes=yes))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation that does not run, with the secrets of containers beside its own."""
    for name in ("broker/data", "database/data", "secrets", "logs", "imports", "compose", "running"):
        (tmp_path / "home" / name).mkdir(parents=True)
    for name in ("compose/org.root.key", "secrets/org.root.key", "ports.json"):
        (tmp_path / "home" / name).write_text("{}")
    return tmp_path / "home"


def test_purge_keeps_the_keys_that_containers_need_and_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert purge(home, monkeypatch, yes=True) == 0
    assert [str(path.relative_to(home)) for path in home.rglob("*")] == ["compose", "compose/org.root.key"]
    assert f"Kept in {home}, as others may need it: compose" in capsys.readouterr().out


def test_without_a_terminal_purge_needs_yes_and_names_what_would_go(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(home.rglob("*"))
    with pytest.raises(down.NotConfirmed, match="--yes"):
        purge(home, monkeypatch, yes=False)
    assert sorted(home.rglob("*")) == before
    assert f"  {home / 'secrets'}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("answer", "is_gone"), [("yes", True), ("y", True), (" Y ", True), ("", False), ("n", False), ("yep", False)]
)
def test_at_a_terminal_purge_asks(home: Path, monkeypatch: pytest.MonkeyPatch, answer: str, *, is_gone: bool) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: asked.append(question) or answer)
    with contextlib.suppress(down.NotConfirmed):
        purge(home, monkeypatch, yes=False)
    assert "[y/N]" in asked[0]
    assert (home / "secrets").exists() is not is_gone


def test_purge_deletes_a_link_and_not_what_it_leads_to(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (home / "demo").symlink_to(tmp_path / "elsewhere")
    assert purge(home, monkeypatch, yes=True) == 0
    assert (tmp_path / "elsewhere").is_dir()
