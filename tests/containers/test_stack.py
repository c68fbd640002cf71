"""The compose file, brought up for real: what its containers may do, and that it survives the loss of one."""

from __future__ import annotations

import pytest

from launcher.__main__ import FOR_OPERATORS
from launcher.commands.images import names
from launcher.servers.process import wait_until
from launcher.servers.processes import PARTS
from launcher.service_list import NAMES
from tests.containers.engine import Failed, Podman
from tests.containers.stack import Stack

LINES_BEFORE_THE_KILL = 5


@pytest.mark.parametrize("part", PARTS)
def test_an_image_holds_its_own_part_and_what_it_imports(podman: Podman, stand_ins: object, part: str) -> None:
    listing = podman("run", "--rm", "--entrypoint", "find", names(tag="test")[part], "/linli", "-type", "d")
    own = "gateway" if part == "gateway" else f"services/{part}"
    rooms = {line.removeprefix("/linli/") for line in listing.split() if not line.endswith("__pycache__")}
    assert {"chassis", own} <= rooms
    assert not ({"gateway", "launcher", "tests"} - {own}) & rooms
    shown = {room for room in rooms if room.startswith("services/") and not room.startswith(own)}
    api = {room for name in NAMES for room in (f"services/{name}", f"services/{name}/api")}
    assert shown == (api if part == "gateway" else set())


@pytest.mark.parametrize("part", PARTS)
def test_a_part_runs_without_root_on_a_root_it_cannot_write(stack: Stack, part: str) -> None:
    look = "import os; print(os.getuid(), os.access('/linli', os.W_OK), os.statvfs('/').f_flag & os.ST_RDONLY)"
    assert stack.run(part, "python", "-c", look).split() == ["10001", "False", "1"]
    rights = stack.run(part, "cat", "/proc/1/status")
    assert "CapEff:\t0000000000000000" in rights
    assert "NoNewPrivs:\t1" in rights


def test_no_password_stands_in_what_the_engine_shows_of_a_container(stack: Stack) -> None:
    passwords = [file.read_text() for file in stack.secrets.glob("*.password")]
    shown = [str(stack.inspect(service)) for service in (*PARTS, "rabbitmq", "mongo")]
    assert passwords
    assert not [password for password in passwords for each in shown if password in each]


def test_the_gateway_answers_from_outside_and_its_ops_port_does_not(stack: Stack) -> None:
    assert stack.answers("/v1/openapi.json") == 200
    assert stack.answers("/metrics") == 404


@pytest.mark.parametrize("server", ["rabbitmq", "mongo"])
def test_parts_wait_for_a_server_that_goes_and_comes_back(stack: Stack, server: str) -> None:
    before = [stack.inspect(part)["State"]["Pid"] for part in PARTS]
    stack.restart(server)
    stack.wait_until_ready(*PARTS)
    assert [stack.inspect(part)["State"]["Pid"] for part in PARTS] == before


def test_a_part_that_is_killed_comes_back(stack: Stack) -> None:
    before = stack.inspect("cases")["State"]["Pid"]
    stack.kill("cases")
    assert wait_until(lambda: stack.inspect("cases")["State"]["Pid"] not in (0, before), 60)
    stack.wait_until_ready("cases")


def test_the_demo_is_walked_from_outside_while_a_part_is_killed(stack: Stack) -> None:
    stack.linli("load-demo", "--url", stack.url, "wuhai")
    before = stack.inspect("cases")["State"]["Pid"]
    with stack.started("demo", "--url", stack.url) as demo:
        walked = [line for line, _ in zip(demo.lines, range(LINES_BEFORE_THE_KILL), strict=False)]
        stack.kill("cases")
        rest = list(demo.lines)
    assert demo.code == 0, "".join(walked + rest)
    assert len(rest) > LINES_BEFORE_THE_KILL, "it was killed when most was done"
    assert stack.inspect("cases")["State"]["Pid"] not in (0, before)


def test_the_operators_commands_run_from_an_image_of_their_own(stack: Stack) -> None:
    stack.linli("load-demo", "--url", stack.url, "wuhai")
    assert stack.operator("parked", "list").strip() == "0 messages"
    verified = stack.operator("audit", "verify").splitlines()
    assert [line.split()[0] for line in verified if line.endswith("intact")] == sorted(NAMES)
    assert stack.operator("settings", "get", "wuhai", "limits.case.P3").strip() == '"7d"'
    assert "launcher" not in stack.run("cases", "ls", "/linli")
    for command in FOR_OPERATORS:
        assert stack.operator(command, "--help").startswith(f"usage: ./linli {command}")


def test_the_database_is_probed_by_what_it_answers(stack: Stack) -> None:
    stack.run("mongo", "bash", "/probe/is-writable")
    with pytest.raises(Failed):
        stack.run("mongo", "bash", "/probe/is-writable", "1")
