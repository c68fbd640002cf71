"""A broker or database that a test can switch off like a machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from launcher.servers import broker_topology, process
from launcher.servers.broker import Broker, BrokerPorts
from launcher.servers.database import ADMINISTRATOR, Database
from launcher.servers.processes import PARTS
from tests.servers import ports

START_SECONDS = 90


class Server(Protocol):
    log: Path

    def start(self) -> process.Process: ...

    def ready(self) -> bool: ...


S = TypeVar("S", bound=Server)


class Machine(Generic[S]):
    """`server` and its process. `kill` sends SIGKILL, like a power failure; `start` brings it back with its data."""

    def __init__(self, server: S) -> None:
        self.server = server
        self.start()

    def start(self) -> None:
        self.process = self.server.start()
        process.wait_until(lambda: self.server.ready() or not self.process.alive, START_SECONDS)
        if not self.server.ready():
            self.process.kill()
            raise AssertionError(f"the server did not start; see {self.server.log}")

    def kill(self) -> None:
        self.process.kill()


@contextmanager
def started(server: S) -> Iterator[Machine[S]]:
    machine = Machine(server)
    try:
        yield machine
    finally:
        # Test data is disposable, so a clean shutdown is not worth the time.
        machine.kill()


def make_broker(folder: Path) -> Broker:
    return Broker(folder, BrokerPorts(*ports.free(4)), {user: f"{user} 密码" for user in broker_topology.USERS})


def make_database(folder: Path) -> Database:
    users = (*PARTS, ADMINISTRATOR)
    return Database(folder, ports.free(1)[0], {user: f"{user}/密码" for user in users})
