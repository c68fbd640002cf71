"""System under test: a fresh installation, started here and stopped by process id at the end."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager

from launcher.installation import Installation
from launcher.problems import NotStarted
from launcher.servers import packages, ports, process
from launcher.servers.process import Process
from launcher.servers.process_register import Member
from launcher.servers.processes import ROOT

# On the disk of a real installation: an in-memory file system would make every commit free.
FOLDER = ROOT / ".linli" / "bench"
_PATIENCE = 120


class Ground:
    """The system under test. `processes`: running processes by name."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.processes: dict[str, Process] = {}

    def start(self, member: Member) -> None:
        self.processes[member.name] = running = member.start()
        process.wait_until(lambda: member.ready() or not running.alive, _PATIENCE)
        if not member.ready():
            raise NotStarted(member.name, f"not ready in time; see {member.log}")

    def stop(self) -> None:
        """Stops in reverse order: the gateway finishes its calls while the services still answer."""
        for running in reversed(self.processes.values()):
            running.stop()


@contextmanager
def started(names: Collection[str], settings: Mapping[str, str] | None = None) -> Iterator[Ground]:
    """Starts the named members of a fresh installation, independent of others and of the environment."""
    packages.need_rabbitmq()
    shutil.rmtree(FOLDER, ignore_errors=True)
    # Not the default port, which the installation of this checkout may use.
    fixed = {"LINLI_HOME": str(FOLDER), "LINLI_GATEWAY_PORT": str(ports.free(1)[0])}
    ground = Ground(Installation(fixed | dict(settings or {})))
    try:
        for member in ground.installation.members:
            if member.name in names:
                ground.start(member)
        yield ground
    finally:
        ground.stop()
