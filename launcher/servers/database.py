"""A private server of MongoDB's protocol: the best engine that this machine has, with its data in one folder.

Whatever the engine, an acknowledged write is on disk: mongod journals, SecantusDB is told to with a flag.
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
    """How to start one kind of server. `write_concern` is what makes its writes durable, where a flag does not."""

    name: str
    command: tuple[str, ...]
    port: str = "--port"
    folder: str = "--storage-path"
    write_concern: str = ""

    def arguments(self, port: int, folder: Path) -> list[str]:
        return [*self.command, self.port, str(port), self.folder, str(folder)]


def find_engine(wanted: str = "") -> Engine:
    """The one wanted by name, else mongod, SecantusDB's compiled server, or its Python one, which comes with Linli."""
    if wanted in ("", "mongod") and (found := shutil.which("mongod")):
        command = (found, "--bind_ip", "127.0.0.1", "--wiredTigerCacheSizeGB", "0.25")
        return Engine("mongod", command, folder="--dbpath", write_concern="majority")
    flags = ("--host", "127.0.0.1", "--cache-size", "256M", "--log-level", "WARNING", "--sync-on-commit")
    if wanted in ("", "secantusd-rs") and (found := shutil.which("secantusd-rs", path=_WITH_CARGO)):
        return Engine("secantusd-rs", (found, *flags))
    embedded = Path(sys.executable).with_name("secantusd-py")
    if wanted not in ("", embedded.name) or not embedded.exists():
        raise NotStarted("database", f"{wanted or 'mongod or SecantusDB'} is not installed here; set MONGODB_URI")
    return Engine("secantusd-py", (str(embedded), *flags))


def engine_of(folder: Path, wanted: str = "") -> Engine:
    """That which has its data in `folder` already, for no engine reads another's; else the wanted or the best one."""
    record = folder / _RECORD
    begun = record.read_text() if record.exists() else ""
    if begun and wanted not in ("", begun):
        raise NotStarted(
            "database",
            f"its data was written by {begun}; unset LINLI_ENGINE, or delete the data (./linli down --purge)",
        )
    return find_engine(begun or wanted)


class Database:
    """The server in `folder`. `passwords` has one for each service and for `ADMINISTRATOR`."""

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
        """Users are made while the server starts: with a new one it has to start again."""
        return f"{self.engine.name} {self.port} {' '.join(sorted(self.passwords))}"

    @property
    def address(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def version(self) -> str:
        """Of the server that runs: it may have been started with another engine than is wanted or found now."""
        engine = self._started.read_text() if self._started.exists() else self.engine.name
        with self._client(self.uri(ADMINISTRATOR)) as client:
            return f"{engine} {client.server_info()['version']}"

    def start(self) -> process.Process:
        """Start the server, with its users made; `ready` tells when it answers."""
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
        # In a folder of its own, or a secantusd.toml that lies about would be read.
        return process.start(command, env={"PATH": os.environ["PATH"], "HOME": str(data)}, log=self.log, cwd=data)

    def _has_users(self) -> bool:
        return self._users.exists() and set(json.loads(self._users.read_text())) >= self.passwords.keys()

    def _make_users(self) -> None:
        """Without `--auth` while it lasts: that is the engines' common way."""
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

    def _answers(self, uri: str, question: str) -> bool:
        with contextlib.suppress(PyMongoError), self._client(uri) as client:
            client.admin.command(question)
            return True
        return False

    @staticmethod
    def _client(uri: str) -> pymongo.MongoClient[dict[str, Any]]:
        return pymongo.MongoClient(uri, serverSelectionTimeoutMS=500)


def roles_of(part: str) -> list[dict[str, str]]:
    """Its own database, and where it has to do with photos, theirs."""
    roles = [{"role": "dbOwner", "db": f"linli_{part}"}]
    # Photos go from the gateway straight to the store, which a service clears of what nobody attached.
    if part == GATEWAY or named(part).photos:
        roles.append({"role": "readWrite", "db": "linli_photos"})
    return roles


def _make_user(client: pymongo.MongoClient[dict[str, Any]], user: str, password: str) -> None:
    roles: list[Any] = ["root"] if user == ADMINISTRATOR else roles_of(user)
    known = client.admin.command("usersInfo", user)["users"]
    client.admin.command("updateUser" if known else "createUser", user, pwd=password, roles=roles)
