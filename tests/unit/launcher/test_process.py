"""Processes that outlive the command that started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.servers import process
from launcher.servers.process import Process
from launcher.servers.processes import ROOT

READY = "print('ready', flush=True)"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "process.log"


@pytest.fixture
def started(log: Path) -> Iterator[list[Process]]:
    ours: list[Process] = []
    yield ours
    for each in ours:
        each.kill()


def run(script: str, log: Path, started: list[Process]) -> Process:
    """Starts a Python process and waits for its first line."""
    begun = process.start([sys.executable, "-c", script], env={"PATH": os.environ["PATH"]}, log=log)
    started.append(begun)
    assert process.wait_until(lambda: "ready" in log.read_text(), 60)
    return begun


def test_a_process_is_stopped_with_time_to_finish(log: Path, started: list[Process]) -> None:
    drains = f"import signal, sys; signal.signal(15, lambda *_: sys.exit(print('drained'))); {READY}; signal.pause()"
    drained = run(drains, log, started)
    drained.stop()
    assert not drained.alive
    assert "drained" in log.read_text()


@pytest.mark.parametrize("first", [False, True])
def test_all_but_what_goes_first_step_back_when_there_is_not_enough_cpu(log: Path, first: bool) -> None:
    env = {"PATH": os.environ["PATH"]}
    group = Path("/proc/self/autogroup")
    script = "import os; print(os.nice(0), 'ready')"
    if group.exists():
        script = f"import os; print(os.nice(0), *open('{group}').read().split()[1:], 'ready')"
    process.start([sys.executable, "-c", script], env=env, log=log, goes_first=first)
    assert process.wait_until(lambda: log.exists() and "ready" in log.read_text(), 60)
    niceness, *of_group, _ = log.read_text().split()
    own = os.nice(0)
    assert int(niceness) == (own if first else min(19, own + 5))
    assert of_group == (["nice", "0" if first else "5"] if group.exists() else [])


def test_a_process_that_does_not_stop_is_killed(log: Path, started: list[Process]) -> None:
    deaf = run(f"import signal; signal.signal(15, signal.SIG_IGN); {READY}\nwhile True: signal.pause()", log, started)
    deaf.stop(seconds=0.2)
    assert not deaf.alive


def test_a_later_process_with_the_same_id_is_distinguished(log: Path, started: list[Process]) -> None:
    ours = run(f"import signal; {READY}; signal.pause()", log, started)
    earlier = Process(ours.pid, ours.started - 1)
    assert not earlier.alive
    assert earlier.memory == 0
    earlier.signal(signal.SIGKILL)
    assert ours.alive


def test_memory_includes_child_processes(log: Path, started: list[Process]) -> None:
    child = f"b = bytearray(60_000_000); {READY}; import signal; signal.pause()"
    parent = run(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])", log, started)
    assert parent.memory > 60_000_000
    os.killpg(parent.pid, signal.SIGKILL)


def test_a_zombie_child_is_not_alive(log: Path, started: list[Process]) -> None:
    ended = run(READY, log, started)
    assert process.wait_until(lambda: not ended.alive, 60)


def test_what_ends_with_us_ends_even_if_we_are_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from launcher.servers import process; "
        "env = {'PATH': os.environ['PATH'], process.MARK: sys.argv[1]}; "
        "process.start(['sleep', '600'], env=env, log=Path(sys.argv[1]), ends_with_us=True); "
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    mark = str(tmp_path / "log")
    subprocess.run([sys.executable, "-c", script, mark], cwd=ROOT, check=False)
    assert process.wait_until(lambda: mark not in [known for known, _ in process.marked()], 60)
