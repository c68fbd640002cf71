"""`./linli up`, `status` and `down` as a user runs them, in a separate folder."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pymongo
import pytest

from chassis.messaging.names import mark_of
from chassis.security.root_keys import FileRootKey, KeyLocked
from launcher.installation import Installation
from launcher.servers.process import wait_until
from launcher.servers.processes import PARTS
from launcher.service_list import NAMES
from tests.e2e.conftest import copied

SECONDS = 60
Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("installation")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("checkout") / "linli")


@pytest.fixture(scope="module")
def python(home: Path, tree: Path) -> Iterator[Command]:
    """Runs Python in the checkout, to completion."""
    env = {name: value for name, value in os.environ.items() if name not in ("AMQP_URI", "MONGODB_URI")}
    env |= {"LINLI_HOME": str(home), "PYTHONPATH": str(tree)}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *words]
        return subprocess.run(command, cwd=tree, env=env, capture_output=True, text=True, timeout=180, check=False)

    yield run
    run("-m", "launcher", "down")


@pytest.fixture(scope="module")
def linli(python: Command) -> Command:
    """Runs a command of the launcher, to completion."""
    return partial(python, "-m", "launcher")


@pytest.fixture(scope="module")
def up(linli: Command, home: Path) -> Installation:
    done = linli("up")
    assert done.returncode == 0, done.stdout + done.stderr
    return Installation({"LINLI_HOME": str(home)})


def pids(installation: Installation) -> dict[str, int]:
    found = {name: installation.register.find(name) for name in installation.register.names}
    return {name: process.pid for name, process in found.items() if process}


def test_up_starts_everything_and_status_confirms_it(up: Installation, linli: Command) -> None:
    assert pids(up).keys() == {"broker", "database", "supervisor", *PARTS}
    status = linli("status")
    assert status.returncode == 0, status.stdout
    assert all(f"{name:10} ready" in status.stdout for name in pids(up))


def test_the_gateway_answers_at_the_printed_address(up: Installation) -> None:
    with urllib.request.urlopen(up.gateway_url + "/v1/openapi.json") as answer:
        assert json.load(answer)["openapi"].startswith("3.1")


def test_a_second_up_changes_nothing(up: Installation, linli: Command) -> None:
    before = pids(up)
    again = linli("up")
    assert again.returncode == 0
    assert pids(up) == before
    lines = again.stdout.splitlines()
    assert lines[0] == "for a sign-in of each role: ./linli demo --sign-ins"
    assert "grid_worker" in linli("demo", "--sign-ins").stdout


@pytest.mark.parametrize("died", ["broker", "database", *PARTS[1:]])
def test_what_died_comes_back_and_status_says_how_often(up: Installation, linli: Command, died: str) -> None:
    before = pids(up)
    process = up.register.find(died)
    assert process
    process.kill()
    assert wait_until(lambda: up.register.restarts(died) == 1 and linli("status").returncode == 0, SECONDS)
    assert {name for name, pid in pids(up).items() if before[name] != pid} == {died}
    (line,) = (line for line in linli("status").stdout.splitlines() if line.startswith(f"{died} "))
    assert line.endswith("restarted 1 time")


def test_up_after_a_part_died_is_ready_only_when_all_is(up: Installation, linli: Command) -> None:
    broker = up.register.find("broker")
    assert broker
    broker.kill()
    assert linli("up").returncode == 0
    assert all(member.ready() for member in up.members)


def test_a_queue_lost_while_its_service_stands_still_is_named_and_made_again_and_a_resync_makes_up_for_it(
    up: Installation, linli: Command
) -> None:
    assert up.broker
    up.register.stop("supervisor")
    up.register.stop("cases")  # which makes its own queue again at once
    up.broker.control("delete_queue", "cases")
    told = linli("status")
    assert told.returncode == 1
    assert "lacks queue cases" in told.stdout
    done = linli("up")
    assert done.returncode == 0, done.stdout + done.stderr
    for report in (done, linli("status")):
        assert "run ./linli resync cases --tenant wuhai" in report.stdout
    for city in ("wuhai", "yaan", "nyc"):
        assert linli("resync", "cases", "--tenant", city).returncode == 0
    assert linli("status").returncode == 0


def test_a_queue_that_its_running_service_has_made_again_is_named_until_a_resync(
    up: Installation, linli: Command
) -> None:
    assert up.broker
    for _ in range(2):
        up.broker.control("delete_queue", "cases")
        assert wait_until(lambda: has_mark(up), SECONDS)
        cases = up.register.find("cases")
        assert cases
        cases.kill()  # what it knows must outlive it
        assert wait_until(lambda: up.register.died == [] and all(each.ready() for each in up.members), SECONDS)
        for report in (linli("status"), linli("status"), linli("up")):
            assert "run ./linli resync cases --tenant wuhai" in report.stdout
        for city in ("wuhai", "yaan", "nyc"):
            assert linli("resync", "cases", "--tenant", city).returncode == 0
        assert linli("status").returncode == 0


def has_mark(up: Installation) -> bool:
    """Whether its service has made the queue, and what it leaves behind its bindings."""
    assert up.broker
    names = {each["name"] for each in up.broker.call("GET", "/api/queues?columns=name&disable_stats=true")}
    return {"cases", mark_of("cases")} <= names


def test_a_changed_checkout_restarts_what_it_changed(up: Installation, linli: Command, tree: Path) -> None:
    before = pids(up)
    (tree / "services" / "cases" / "changed-by-a-test").touch()
    assert linli("up").returncode == 0
    assert {name for name, pid in pids(up).items() if before[name] != pid} == {"cases"}


# `up`, killed right after it has started cases.
KILLED_UP = """
import os, signal
from launcher.__main__ import main
from launcher.servers.processes import Part
start = Part.start
Part.start = lambda part: (start(part), os.kill(os.getpid(), signal.SIGKILL))[0]
main(["up"])
"""


def test_what_a_killed_up_has_started_is_found_and_ended(up: Installation, linli: Command, python: Command) -> None:
    up.register.stop("supervisor")
    up.register.stop("cases")
    python("-c", KILLED_UP)
    (stray,) = up.register.strays["cases"]
    told = linli("status")
    assert (told.returncode, f"process {stray.pid}" in told.stdout) == (1, True)
    assert linli("up").returncode == 0
    assert not stray.alive
    assert up.register.strays == {}
    assert linli("status").returncode == 0


def test_after_a_rotation_new_keys_open_old_data_and_old_keys_open_nothing(up: Installation, linli: Command) -> None:
    old = {service: up.keys.root(service).read_bytes() for service in NAMES}
    assert signed_in(up)
    done = linli("rotate-keys")
    assert done.returncode == 0, done.stdout + done.stderr
    assert signed_in(up)
    for service, key in old.items():
        assert up.keys.root(service).read_bytes() != key
        assert not up.keys.old(up.keys.root(service)).exists()
        with pymongo.MongoClient[dict[str, Any]](up.mongodb_uri(service)) as client:
            stored = list(client[f"linli_{service}"]["keys"].find())
        assert stored
        for row in stored:
            with pytest.raises(KeyLocked):
                FileRootKey(key).unwrap(bytes(row["wrapped"]), row["_id"])
    assert linli("audit", "verify").returncode == 0
    assert linli("status").returncode == 0


def test_with_a_wrong_root_key_a_rotation_changes_and_stops_nothing(up: Installation, linli: Command) -> None:
    root = up.keys.root("org")
    right, before = root.read_bytes(), pids(up)
    root.write_bytes(base64.b64encode(os.urandom(32)))
    files = {file: file.read_bytes() for file in up.keys.folder.iterdir()}
    done = linli("rotate-keys", "org")
    assert (done.returncode, done.stdout) == (1, "")
    assert "do not open the stored keys" in done.stderr
    assert done.stderr.count("\n") == 1
    assert {file: file.read_bytes() for file in up.keys.folder.iterdir()} == files
    root.write_bytes(right)
    assert pids(up) == before
    assert signed_in(up)


def signed_in(up: Installation) -> str:
    """Signs in through a blind index and returns the unsealed name."""
    body = {"tenant": "wuhai", "login": "grid", "password": up.demo_password}
    given = ask(up, "/v1/sessions", json.dumps(body).encode(), {"Content-Type": "application/json"})
    as_them = {"Authorization": f"Bearer {given['token']}"}
    subject = ask(up, "/v1/me", None, as_them)["id"]
    return str(ask(up, f"/v1/users/{subject}", None, as_them)["name"])


def ask(up: Installation, path: str, body: bytes | None, headers: dict[str, str]) -> dict[str, Any]:
    request = urllib.request.Request(up.gateway_url + path, body, headers)
    with urllib.request.urlopen(request) as answer:
        return dict(json.load(answer))


def test_everything_fits_into_the_memory_of_a_small_machine(up: Installation) -> None:
    running = [up.register.find(name) for name in up.register.names]
    assert sum(process.memory for process in running if process) < 1_200_000_000


def test_down_stops_everything_and_keeps_the_data(up: Installation, linli: Command) -> None:
    running = [up.register.find(name) for name in up.register.names]
    assert linli("down").returncode == 0
    assert not any(process.alive for process in running if process)
    assert (up.folder / "database" / "data").is_dir()
    assert linli("status").returncode == 1


def test_purge_asks_before_it_deletes(up: Installation, linli: Command) -> None:
    refused = linli("down", "--purge")
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert up.folder.exists()


def test_down_with_purge_deletes_the_data(up: Installation, linli: Command) -> None:
    assert linli("down", "--purge", "--yes").returncode == 0
    assert not up.folder.exists()
