"""Private database server (MongoDB protocol): the best engine on this machine, with its data in one folder.

With any engine, an acknowledged write is on disk: mongod journals, SecantusDB syncs with a flag.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pymongo
from pymongo.errors import OperationFailure, PyMongoError

from launcher import text_files
from launcher.problems import NotStarted
from launcher.servers import process
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.ports import free
from launcher.service_list import named

ADMINISTRATOR = "administrator"
# Seconds to wait for a server that is to answer, and to see whether one answers.
_PATIENCE, _LOOK = 30, 0.5
_RECORD = "engine"
ENGINES = ("mongod", "secantusd-rs", "secantusd-py")
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
    previous = record.read_text(errors="replace").strip() if record.exists() else ""
    if previous not in ("", *ENGINES) or (not previous and (folder / "data").exists()):
        raise text_files.Damaged(record, f"Write the engine of {folder / 'data'} into it: one of {', '.join(ENGINES)}.")
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
        """Includes the users, which are made at the start: a new one requires a restart."""
        return f"{self.engine.name} {self.port} {' '.join(sorted(self.passwords))}"

    @property
    def address(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}"

    def version(self) -> str:
        """The version of the running server, whose engine may differ from the one found now."""
        engine = self._started.read_text().strip() if self._started.exists() else self.engine.name
        with self._client(self.uri(ADMINISTRATOR), _PATIENCE) as client:
            return f"{engine} {client.server_info()['version']}"

    def start(self) -> process.Process:
        """Starts the server, which knows the administrator from its first moment; poll `ready` afterwards.

        Raises `NotStarted` if the administrator cannot sign in to make missing users.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self._data.exists():
            text_files.replace(self._started, self.engine.name)
            self._prepare()
        server = self._launch(self._data, self.port, "--auth")
        if self._known_users() != self.passwords.keys():
            try:
                self._make_users(server)
            except BaseException:
                server.stop()
                raise
        return server

    def ready(self) -> bool:
        return self._answers(self.uri(ADMINISTRATOR), "ping")

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _launch(self, data: Path, port: int, *flags: str, ends_with_us: bool = False) -> process.Process:
        command = [*self.engine.arguments(port, data), *flags]
        # In its own folder: SecantusDB would read a secantusd.toml in the current one.
        env = {"PATH": os.environ["PATH"], "HOME": str(data), process.MARK: str(self.folder)}
        return process.start(command, env=env, log=self.log, cwd=data, ends_with_us=ends_with_us)

    def _prepare(self) -> None:
        """Makes a data folder that holds the administrator and nothing else (docs/decisions/0021).

        Only a server without `--auth` takes the first user of every engine. It serves a folder that is thrown away
        if it is interrupted, on a port that nobody is told.
        """
        draft = self.folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        port = free(1)[0]
        server = self._launch(draft, port, ends_with_us=True)
        try:
            with self._client(self._when_it_answers(server, port), _PATIENCE) as client:
                _make_user(client, ADMINISTRATOR, self.passwords[ADMINISTRATOR])
        except PyMongoError as error:
            raise NotStarted("database", f"creating its administrator failed ({error}); see {self.log}") from error
        finally:
            server.stop()
        draft.rename(self._data)

    def _make_users(self, server: process.Process) -> None:
        """Makes the users that the parts need, and removes all others."""
        try:
            self._when_it_answers(server, self.port)
            with self._client(self.uri(ADMINISTRATOR), _PATIENCE) as client:
                for user, password in self.passwords.items():
                    _make_user(client, user, password)
                for user in client.admin.command("usersInfo")["users"]:
                    if user["user"] not in self.passwords:
                        client.admin.command("dropUser", user["user"])
        except OperationFailure as error:
            raise NotStarted("database", self._foreign(error)) from error
        except PyMongoError as error:
            raise NotStarted("database", f"creating its users failed ({error}); see {self.log}") from error
        text_files.replace(self._users, json.dumps(sorted(self.passwords)))

    def _foreign(self, error: OperationFailure) -> str:
        return (
            f"{self._data} does not take the administrator's password from the secrets of this installation "
            f"({error.details and error.details.get('codeName')}). Restore the secrets that belong to it from a "
            "backup; if nothing was ever stored in it, move it away and run ./linli up again"
        )

    def _known_users(self) -> set[str]:
        """Returns the users that were made; none if the file is damaged, and then they are made again."""
        try:
            return set(text_files.read_json(self._users, list, "") or ())
        except (text_files.Damaged, TypeError):
            return set()

    def _when_it_answers(self, server: process.Process, port: int) -> str:
        """Returns the address for everybody as soon as the server answers there. Raises `NotStarted`."""
        uri = f"mongodb://127.0.0.1:{port}/?directConnection=true"
        process.wait_until(lambda: not server.alive or self._answers(uri, "hello"), _PATIENCE)
        if not server.alive:
            raise NotStarted("database", f"it ended at once; see {self.log}")
        return uri

    def _answers(self, uri: str, command: str) -> bool:
        with contextlib.suppress(OSError, PyMongoError):
            # The driver would look for a server once in half a second; a socket tells at once that none listens.
            socket.create_connection(("127.0.0.1", urlsplit(uri).port), _LOOK).close()
            with self._client(uri, _LOOK) as client:
                client.admin.command(command)
            return True
        return False

    @staticmethod
    def _client(uri: str, seconds: float) -> pymongo.MongoClient[dict[str, Any]]:
        """A client that waits so long for the server, which a busy machine may keep from answering at once."""
        return pymongo.MongoClient(uri, serverSelectionTimeoutMS=int(seconds * 1000))


def roles_of(part: str) -> list[dict[str, str]]:
    """Returns the roles for the part's own database and, if it handles photos or keeps files, theirs."""
    roles = [{"role": "dbOwner", "db": f"linli_{part}"}]
    # The gateway stores photos directly; a service deletes those that nobody attached, or keeps files there.
    if part == GATEWAY or named(part).photos or named(part).files:
        roles.append({"role": "readWrite", "db": "linli_photos"})
    return roles


def _make_user(client: pymongo.MongoClient[dict[str, Any]], user: str, password: str) -> None:
    roles: list[Any] = ["root"] if user == ADMINISTRATOR else roles_of(user)
    known = client.admin.command("usersInfo", user)["users"]
    client.admin.command("updateUser" if known else "createUser", user, pwd=password, roles=roles)
