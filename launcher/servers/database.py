"""Private database server (MongoDB protocol): the best engine on this machine, with its data in one folder.

With any engine, an acknowledged write is on disk: mongod journals, SecantusDB syncs with a flag.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymongo
from pymongo.errors import PyMongoError

from launcher.problems import NotStarted
from launcher.servers import process
from launcher.servers.broker_topology import GATEWAY
from launcher.service_list import named

ADMINISTRATOR = "administrator"
_RECORD = "engine"
_WITH_CARGO = f"{os.environ.get('PATH', '')}:{Path.home() / '.cargo' / 'bin'}"


@dataclass(frozen=True)
class Engine:
    """How to start one kind of server. `write_concern` makes its writes durable where no flag does."""

    name: str
    command: tuple[str, ...]
    port: str = "--port"
    folder: str = "--storage-path"
    write_concern: str = ""

    def arguments(self, port: int, folder: Path) -> list[str]:
        return [*self.command, self.port, str(port), self.folder, str(folder)]


def find_engine(chosen: str = "") -> Engine:
    """Returns the chosen engine, or the best: mongod, SecantusDB's compiled server, or its bundled Python one."""
    if chosen in ("", "mongod") and (found := shutil.which("mongod")):
        command = (found, "--bind_ip", "127.0.0.1", "--wiredTigerCacheSizeGB", "0.25")
        return Engine("mongod", command, folder="--dbpath", write_concern="majority")
    flags = ("--host", "127.0.0.1", "--cache-size", "256M", "--log-level", "WARNING", "--sync-on-commit")
    if chosen in ("", "secantusd-rs") and (found := shutil.which("secantusd-rs", path=_WITH_CARGO)):
        return Engine("secantusd-rs", (found, *flags))
    embedded = Path(sys.executable).with_name("secantusd-py")
    if chosen not in ("", embedded.name) or not embedded.exists():
        raise NotStarted("database", f"{chosen or 'mongod or SecantusDB'} is not installed here; set MONGODB_URI")
    return Engine("secantusd-py", (str(embedded), *flags))


def engine_of(folder: Path, chosen: str = "") -> Engine:
    """Returns the engine that wrote the data in `folder`, as engines are incompatible; else the chosen or best one."""
    record = folder / _RECORD
    previous = record.read_text() if record.exists() else ""
    if previous and chosen not in ("", previous):
        raise NotStarted(
            "database",
            f"its data was written by {previous}; unset LINLI_ENGINE, or delete the data (./linli down --purge)",
        )
    return find_engine(previous or chosen)


class Database:
    """The server in `folder`. `passwords` has one per service and one for `ADMINISTRATOR`."""

    name = "database"

    def __init__(self, folder: Path, port: int, passwords: Mapping[str, str], engine: Engine | None = None) -> None:
        self.folder = folder
        self.port = port
        self.passwords = passwords
        self.engine = engine or find_engine()
        self.log = folder / "database.log"
        self._users = folder / "users.json"
        self._started = folder / _RECORD

    def uri(self, user: str) -> str:
        password = quote(self.passwords[user], safe="")
        return f"mongodb://{user}:{password}@127.0.0.1:{self.port}/?directConnection=true&authSource=admin"

    @property
    def identity(self) -> str:
        """Includes the users, which are created at startup: a new one requires a restart."""
        return f"{self.engine.name} {self.port} {' '.join(sorted(self.passwords))}"

    @property
    def address(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def version(self) -> str:
        """The version of the running server, whose engine may differ from the one found now."""
        engine = self._started.read_text() if self._started.exists() else self.engine.name
        with self._client(self.uri(ADMINISTRATOR)) as client:
            return f"{engine} {client.server_info()['version']}"

    def start(self) -> process.Process:
        """Creates the users if needed and starts the server; poll `ready` afterwards."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._started.write_text(self.engine.name)
        if not self._has_users():
            self._make_users()
        return self._launch("--auth")

    def ready(self) -> bool:
        return self._answers(self.uri(ADMINISTRATOR), "ping")

    def _launch(self, *flags: str) -> process.Process:
        data = self.folder / "data"
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        command = [*self.engine.arguments(self.port, data), *flags]
        # In its own folder: SecantusDB would read a secantusd.toml in the current one.
        env = {"PATH": os.environ["PATH"], "HOME": str(data), process.MARK: str(self.folder)}
        return process.start(command, env=env, log=self.log, cwd=data)

    def _has_users(self) -> bool:
        return self._users.exists() and set(json.loads(self._users.read_text())) >= self.passwords.keys()

    def _make_users(self) -> None:
        """Creates the users on a server without `--auth`, which works with all engines."""
        server = self._launch()
        uri = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        try:
            if not process.wait_until(lambda: not server.alive or self._answers(uri, "hello"), 30):
                raise NotStarted("database", f"no answer within 30 s; see {self.log}")
            with self._client(uri) as client:
                for user, password in self.passwords.items():
                    _make_user(client, user, password)
        except PyMongoError as error:
            raise NotStarted("database", f"creating its users failed ({error}); see {self.log}") from error
        finally:
            server.stop()
        self._users.write_text(json.dumps(sorted(self.passwords)))

    def _answers(self, uri: str, command: str) -> bool:
        with contextlib.suppress(PyMongoError), self._client(uri) as client:
            client.admin.command(command)
            return True
        return False

    @staticmethod
    def _client(uri: str) -> pymongo.MongoClient[dict[str, Any]]:
        return pymongo.MongoClient(uri, serverSelectionTimeoutMS=500)


def roles_of(part: str) -> list[dict[str, str]]:
    """Returns the roles for the part's own database and, if it handles photos, theirs."""
    roles = [{"role": "dbOwner", "db": f"linli_{part}"}]
    # The gateway stores photos directly; a service deletes those that nobody attached.
    if part == GATEWAY or named(part).photos:
        roles.append({"role": "readWrite", "db": "linli_photos"})
    return roles


def _make_user(client: pymongo.MongoClient[dict[str, Any]], user: str, password: str) -> None:
    roles: list[Any] = ["root"] if user == ADMINISTRATOR else roles_of(user)
    known = client.admin.command("usersInfo", user)["users"]
    client.admin.command("updateUser" if known else "createUser", user, pwd=password, roles=roles)
