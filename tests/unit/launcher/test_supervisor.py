"""The supervisor starts again what died and nothing that somebody stopped, and the register counts it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from launcher.commands import down
from launcher.installation import Installation
from launcher.servers import process
from launcher.servers.supervisor import NAME, Backoff, Supervisor

# Stands in for the code of every part: sleeps. `sitecustomize` reaches the processes that the supervisor starts.
SLEEPING = """
import launcher.servers.processes as processes
processes.Part._command = lambda part: ["sleep", "600"]
"""
SECONDS = 20


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """One whose parts sleep, on servers that do not run, with a supervisor."""
    monkeypatch.setenv("LINLI_HOME", str(tmp_path / "home"))
    for name in ("AMQP_URI", "MONGODB_URI"):
        monkeypatch.setenv(name, "none://127.0.0.1:1")
    monkeypatch.setattr("launcher.servers.processes.Part._command", lambda part: ["sleep", "600"])
    bin_ = tmp_path / "python"
    bin_.write_text(f"#!{sys.executable}\nimport sys\nsys.path.insert(0, '.')\n{SLEEPING}\n" + RUN_MODULE)
    bin_.chmod(0o755)
    monkeypatch.setattr("launcher.servers.supervisor.sys.executable", str(bin_))
    made = Installation()
    with made.register.held():
        for member in made.members:
            made.register.start(member)
    monkeypatch.undo()
    monkeypatch.setenv("LINLI_HOME", str(tmp_path / "home"))
    assert process.wait_until(made.members[-1].ready, SECONDS)
    yield made
    for mark, left in process.marked():
        if mark.startswith(f"{tmp_path}/"):
            left.kill()


# As `python -m MODULE words…`, and again for what that runs as `sys.executable`.
RUN_MODULE = """
import runpy
sys.executable = __file__
assert sys.argv[1] == "-m"
sys.argv = sys.argv[2:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def test_what_died_is_started_again_and_counted(installation: Installation) -> None:
    register = installation.register
    for times in (1, 2):
        before = register.find("cases")
        assert before
        before.kill()
        assert process.wait_until(lambda: register.restarts("cases") == times and register.died == [], SECONDS)  # noqa: B023
        assert register.find("cases") not in (None, before)
    assert register.restarts("org") == 0


def test_what_was_registered_but_never_started_is_started(installation: Installation) -> None:
    register = installation.register
    with register.held():
        (cases,) = (member for member in installation.members if member.name == "cases")
        register.stop("cases")
        register.add(cases, process.Process(0, 0))
    assert process.wait_until(lambda: register.restarts("cases") == 1 and register.died == [], SECONDS)


def test_what_was_stopped_stays_stopped_and_down_ends_the_supervisor(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    register = installation.register
    with register.held():
        register.stop("cases")
    org = register.find("org")
    assert org
    org.kill()
    assert process.wait_until(lambda: register.restarts("org") == 1, SECONDS)  # it has looked at all of them since
    assert register.find("cases") is None
    assert down.run(argparse.Namespace(purge=False, yes=False)) == 0
    assert register.names == []


def test_a_second_supervisor_waits_until_the_first_has_ended(installation: Installation) -> None:
    first = installation.register.find(NAME)
    assert first
    second = installation.members[-1].start()
    try:
        first.kill()
        assert process.wait_until(installation.members[-1].ready, SECONDS)
        assert second.alive
    finally:
        second.kill()


def test_it_is_another_one_with_other_settings(tmp_path: Path) -> None:
    one = Supervisor(tmp_path, {"PATH": "/bin", "LINLI_LOG_LEVEL": "INFO"})
    assert one.identity == Supervisor(tmp_path, {"PATH": "/usr/bin", "LINLI_LOG_LEVEL": "INFO"}).identity
    assert one.identity != Supervisor(tmp_path, {"LINLI_LOG_LEVEL": "DEBUG"}).identity


@given(st.lists(st.floats(0, 3600), max_size=30))
def test_the_first_restart_is_at_once_and_waits_grow_to_a_minute_while_it_keeps_dying(lives: list[float]) -> None:
    backoff, now, previous = Backoff(), 1000.0, 0.0
    assert backoff.is_due(now)
    for life in lives:
        wait = backoff.restarted(now)
        assert wait in (1.0, min(2 * previous, 60.0))
        assert not backoff.is_due(now + wait - 0.001)
        assert backoff.is_due(now + wait)
        now, previous = now + wait + life, wait
