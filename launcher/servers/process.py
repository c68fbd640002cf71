"""Background processes that outlive the command, identified by process id and start time."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# The variable that says for which member of which installation a process was started: `<its folder>/<name>`.
MARK = "LINLI_MEMBER"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
#: The niceness of all but those that go first.
_BEHIND = 5


@dataclass(frozen=True)
class Process:
    """A process. `started` (clock ticks after boot) distinguishes it from a later one with the same id."""

    pid: int
    started: int

    @property
    def alive(self) -> bool:
        # An ended child stays a zombie until its parent, possibly this process, has waited for it.
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, os.WNOHANG)
        fields = _stat(self.pid)
        return fields is not None and fields[0] != "Z" and int(fields[19]) == self.started

    @property
    def memory(self) -> int:
        """Resident bytes of the process and its descendants."""
        return sum(_resident(pid) for pid in _tree(self.pid)) if self.alive else 0

    @property
    def cpu(self) -> float:
        """CPU seconds of the process and its descendants, including ended ones."""
        return sum(_used(pid) for pid in _tree(self.pid)) if self.alive else 0

    def signal(self, number: signal.Signals) -> None:
        if self.alive:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Sends SIGKILL and waits until the process is gone."""
        self.signal(signal.SIGKILL)
        wait_until(lambda: not self.alive, 10)

    def stop(self, seconds: float = 20) -> None:
        """Sends SIGTERM, and SIGKILL if the process does not end within `seconds`."""
        self.signal(signal.SIGTERM)
        if not wait_until(lambda: not self.alive, seconds):
            self.kill()


def start(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str],
    log: Path,
    cwd: Path | None = None,
    ends_with_us: bool = False,
    goes_first: bool = False,
) -> Process:
    """Starts `command` in a new session with exactly `env`, appending its output to `log`.

    `ends_with_us`: the kernel kills it when this process ends, however that ends. `goes_first`: before all others that
    are started here, when there is not enough CPU.
    """

    def prepare() -> None:
        if not goes_first:
            _step_back()
        if ends_with_us:
            _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)

    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=prepare,
        )
    # `Process` takes over; Popen would warn about a child that is still running.
    child.returncode = 0
    fields = _stat(child.pid)
    return Process(child.pid, int(fields[19]) if fields else 0)


def seconds_since_start() -> float:
    """Returns how long this process has existed: also before it became this program, which `exec` does not change."""
    fields = _stat(os.getpid())
    return time.clock_gettime(time.CLOCK_BOOTTIME) - (int(fields[19]) / _TICKS if fields else 0)


def _step_back() -> None:
    """Lets others go before this process, and before its session where the kernel groups by session (sched(7))."""
    os.nice(_BEHIND)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        try:
            Path("/proc/self/autogroup").write_text(str(_BEHIND))
        except BlockingIOError:  # the kernel takes one in a tenth of a second, unless from root
            time.sleep(0.01)
        except OSError:
            return  # the kernel has no such groups
        else:
            return


def marked() -> Iterator[tuple[str, Process]]:
    """Yields each running process that was started with a mark, after the mark.

    Left out are its children, which inherit the mark, and this process with those that it descends from.
    """
    marks = {int(folder.name): mark for folder in Path("/proc").glob("[0-9]*") if (mark := _mark(folder))}
    own = set(_ancestry(os.getpid()))
    for pid, mark in marks.items():
        fields = _stat(pid)
        if pid not in own and fields and fields[0] != "Z" and marks.get(int(fields[1])) != mark:
            yield mark, Process(pid, int(fields[19]))


def _ancestry(pid: int) -> Iterator[int]:
    """Yields the process and those that it descends from."""
    while pid:
        yield pid
        fields = _stat(pid)
        pid = int(fields[1]) if fields else 0


def _mark(folder: Path) -> str:
    """Returns the mark of the process with this folder in /proc; empty without one, or if another user started it."""
    with contextlib.suppress(OSError):
        for variable in (folder / "environ").read_bytes().split(b"\0"):
            if variable.startswith(f"{MARK}=".encode()):
                return os.fsdecode(variable).partition("=")[2]
    return ""


def wait_until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    """Polls `condition`; returns False if it does not hold within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def _stat(pid: int) -> list[str] | None:
    """Returns the fields of /proc/<pid>/stat after the command name: state first, start time at 19."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _resident(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[21]) * _PAGE if fields else 0


def _used(pid: int) -> float:
    fields = _stat(pid)
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS if fields else 0


def _tree(pid: int) -> Iterator[int]:
    yield pid
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield from _tree(int(child))
