"""`deploy/database/setup.py` on a real server, with the users that `./linli secrets` generates for it."""

from __future__ import annotations

import json
import runpy
import socket
import struct
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pymongo
import pytest

from launcher.commands import secrets as secret_files
from launcher.servers.database import ADMINISTRATOR, Database, roles_of
from launcher.servers.processes import PARTS, ROOT
from tests.servers import ports
from tests.servers.machine import Machine

PROBE = ROOT / "deploy" / "database" / "is-writable"


def test_every_part_gets_its_user_with_its_roles_and_a_second_run_brings_them_up_to_date(
    own_database: Machine[Database], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = own_database.server
    secret_files.make(tmp_path / "made")
    users = tmp_path / "database-users.json"
    users.write_bytes((tmp_path / "made" / users.name).read_bytes())
    (tmp_path / "administrator.mongodb-uri").write_text(server.uri(ADMINISTRATOR))
    setup = runpy.run_path(str(ROOT / "deploy" / "database" / "setup.py"))["main"]
    monkeypatch.setitem(setup.__globals__, "SECRETS", tmp_path)
    setup()
    assert roles(server) == {part: _pairs(roles_of(part)) for part in PARTS}
    given = json.loads(users.read_text())
    given[0]["password"] = "another"
    users.write_text(json.dumps(given))
    setup()
    uri = f"{server.address}/?directConnection=true"
    with pymongo.MongoClient[dict[str, Any]](uri, username=given[0]["user"], password="another") as client:
        assert client.admin.command("ping")["ok"] == 1


def probe(port: int) -> int:
    return subprocess.run(["bash", PROBE, str(port)], capture_output=True, timeout=30, check=False).returncode


def test_the_probe_says_yes_only_to_a_server_that_answers_and_accepts_writes(own_database: Machine[Database]) -> None:
    assert probe(int(own_database.server.address.rpartition(":")[2])) == 0
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert probe(silent.getsockname()[1]) != 0
    (free,) = ports.free(1)
    assert probe(free) != 0


@pytest.mark.parametrize(("writable", "code"), [(True, 0), (False, 1)])
def test_the_probe_reads_what_the_server_says_of_itself(writable: bool, code: int) -> None:
    document = b"\x08isWritablePrimary\0" + bytes([writable]) + b"\x01ok\0" + struct.pack("<d", 1)
    body = struct.pack("<iiiibi", 0, 1, 2013, 0, 0, len(document) + 5)[4:] + document + b"\0"
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        probed = pool.submit(probe, server.getsockname()[1])
        connection, _ = server.accept()
        with connection:
            assert len(connection.recv(1000)) == 52
            connection.sendall(struct.pack("<i", len(body) + 4) + body)
            assert probed.result() == code


def roles(server: Database) -> dict[str, set[tuple[str, str]]]:
    with pymongo.MongoClient[dict[str, Any]](server.uri(ADMINISTRATOR)) as client:
        users = client.admin.command("usersInfo")["users"]
    return {each["user"]: _pairs(each["roles"]) for each in users if each["user"] != ADMINISTRATOR}


def _pairs(listed: list[dict[str, str]]) -> set[tuple[str, str]]:
    return {(each["role"], each["db"]) for each in listed}
