"""Whenever `up` is killed, nothing that it started is unknown: the next `up` works, and `down` leaves no process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from launcher.installation import Installation
from launcher.servers import process
from launcher.servers.processes import PARTS, ROOT

# Starts everything but the demo; is killed at the n-th moment at which it starts a process or puts a file in place.
KILLED = """
import os, signal, sys
from launcher.installation import Installation
from launcher.starting import start
left = int(sys.argv[1])
def count(event, words):
    global left
    if event in ("subprocess.Popen", "os.rename"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
with Installation().register.held():
    start(Installation())
"""
MOMENTS = 400  # far more than there are; each run gets a few further than the last


def test_up_may_be_killed_at_any_moment(tmp_path: Path) -> None:
    home = tmp_path / "home"
    env = {name: value for name, value in os.environ.items() if name not in ("AMQP_URI", "MONGODB_URI")}
    env |= {"LINLI_HOME": str(home), "PYTHONPATH": str(ROOT)}

    def linli(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *words], env=env, capture_output=True, text=True, timeout=200, check=False
        )

    try:
        for moment in range(1, MOMENTS, 3):
            done = linli("-c", KILLED, str(moment))
            if done.returncode == 0:
                break
            assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
        else:
            raise AssertionError("it was killed every time")
        assert linli("-m", "launcher", "status").returncode == 0
        register = Installation({"LINLI_HOME": str(home)}).register
        assert set(register.names) == {"broker", "database", "supervisor", *PARTS}
    finally:
        assert linli("-m", "launcher", "down").returncode == 0
    assert [mark for mark, _ in process.marked() if mark.startswith(f"{home}/")] == []
