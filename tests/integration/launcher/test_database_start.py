"""The private database never serves its data without a password, and whatever interrupts its start can be resumed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pymongo
import pytest
from pymongo.errors import OperationFailure

from launcher.problems import NotStarted
from launcher.servers import process
from launcher.servers.database import ADMINISTRATOR, ENGINES, Database, find_engine
from launcher.servers.processes import PARTS, ROOT
from tests.servers import ports
from tests.servers.machine import Machine, make_database, started

PASSWORDS = {user: f"{user}/密码" for user in (*PARTS, ADMINISTRATOR)}
# Starts the database; is killed at the n-th moment at which it starts a process or renames a file.
KILLED = """
import json, os, signal, sys
from pathlib import Path
from launcher.servers.database import Database, find_engine
folder, port, engine, passwords, left = Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:5], int(sys.argv[5])
def count(event, words):
    global left
    if event in ("subprocess.Popen", "os.rename"):
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
server = Database(folder, port, json.loads(passwords), find_engine(engine)).start()
server.stop()
"""


def installed(engine: str) -> bool:
    try:
        find_engine(engine)
    except NotStarted:
        return False
    return True


def of(folder: Path) -> list[process.Process]:
    return [found for mark, found in process.marked() if mark == str(folder)]


@pytest.mark.parametrize("engine", [engine for engine in ENGINES if installed(engine)])
def test_a_start_that_is_killed_at_any_moment_leaves_nothing_unknown_and_can_be_repeated(
    tmp_path: Path, engine: str
) -> None:
    folder, port = tmp_path / "database", ports.free(1)[0]
    code, moment = -signal.SIGKILL, 0
    while code == -signal.SIGKILL:
        moment += 1
        shutil.rmtree(folder, ignore_errors=True)
        words = [sys.executable, "-c", KILLED, str(folder), str(port), engine, json.dumps(PASSWORDS), str(moment)]
        env = os.environ | {"PYTHONPATH": str(ROOT)}
        code = subprocess.run(words, env=env, cwd=ROOT, timeout=120, check=False).returncode
        for left in of(folder):
            left.stop()
        with started(Database(folder, port, PASSWORDS, find_engine(engine))) as machine:
            assert users_of(machine.server) == PASSWORDS.keys()
    assert code == 0
    assert moment > 4  # engine, first server, data, server, users


def test_the_set_up_serves_none_of_the_data_and_ends_with_the_command(tmp_path: Path) -> None:
    server = make_database(tmp_path / "database")
    script = (
        "import os, signal; from tests.integration.launcher import test_database_start as t; "
        "from launcher.servers import database; from pathlib import Path; "
        "database._make_user = lambda *_: os.kill(os.getpid(), signal.SIGKILL); "
        f"database.Database(Path({str(server.folder)!r}), {server.port}, t.PASSWORDS).start()"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    killed = subprocess.run([sys.executable, "-c", script], env=env, cwd=ROOT, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert process.wait_until(lambda: of(server.folder) == [], 60)
    assert not (server.folder / "data").exists()


def test_a_user_that_nobody_needs_is_removed_and_a_new_one_is_made(own_database: Machine[Database]) -> None:
    server = own_database.server
    with pymongo.MongoClient[dict[str, Any]](server.uri(ADMINISTRATOR)) as client:
        client.admin.command("createUser", "stranger", pwd="x", roles=["root"])
    own_database.kill()
    later = Database(server.folder, server.port, {**server.passwords, "notify": "新"})
    with started(later) as machine:
        assert users_of(machine.server) == later.passwords.keys()
        with pymongo.MongoClient[dict[str, Any]](later.uri("notify")) as client:
            assert client["linli_notify"]["x"].find_one() is None


@pytest.mark.parametrize("damage", ["", "{", "[[]]", "{}"])
def test_a_damaged_list_of_users_is_made_again(own_database: Machine[Database], damage: str) -> None:
    own_database.kill()
    (own_database.server.folder / "users.json").write_text(damage)
    own_database.start()
    assert users_of(own_database.server) == own_database.server.passwords.keys()


def test_data_of_other_secrets_are_not_touched_and_said_to_be_so(own_database: Machine[Database]) -> None:
    own_database.kill()
    server = own_database.server
    (server.folder / "users.json").unlink()
    with pytest.raises(NotStarted, match="Restore the secrets"):
        Database(server.folder, server.port, dict.fromkeys(server.passwords, "another")).start()
    assert of(server.folder) == []
    own_database.start()


def test_nobody_reads_without_a_password(own_database: Machine[Database]) -> None:
    with (
        pymongo.MongoClient[dict[str, Any]](f"{own_database.server.address}/?directConnection=true") as client,
        pytest.raises(OperationFailure),
    ):
        client["linli_org"]["users"].find_one()


def users_of(server: Database) -> set[str]:
    with pymongo.MongoClient[dict[str, Any]](server.uri(ADMINISTRATOR)) as client:
        return {each["user"] for each in client.admin.command("usersInfo")["users"]}
