"""Choices of an installation, what it keeps, and what it takes from the environment."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from launcher.commands import broker_definitions
from launcher.installation import Installation
from launcher.problems import NotStarted, Stopped
from launcher.servers import process
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.database import engine_of
from launcher.servers.ports import ChosenPorts
from launcher.servers.process_register import Register
from launcher.servers.processes import PARTS, ROOT, key_settings
from launcher.servers.secrets import Keys
from launcher.service_list import NAMES
from tests.servers import ports


def installation(folder: Path, **environment: str) -> Installation:
    return Installation({"LINLI_HOME": str(folder), **environment})


def settings(found: Installation) -> dict[str, dict[str, str]]:
    return {part.name: dict(part.settings) for part in found.parts}


def test_ports_and_secrets_are_chosen_once(tmp_path: Path) -> None:
    assert settings(installation(tmp_path)) == settings(installation(tmp_path))


def test_commands_call_the_gateway_that_is_named(tmp_path: Path) -> None:
    assert installation(tmp_path, LINLI_GATEWAY_URL="http://gateway:8000").gateway_url == "http://gateway:8000"
    assert installation(tmp_path, LINLI_GATEWAY_PORT="8123").gateway_url == "http://127.0.0.1:8123"


def test_only_the_engine_that_wrote_the_data_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    better = tmp_path / "bin" / "mongod"
    better.parent.mkdir()
    better.touch(0o755)
    monkeypatch.setenv("PATH", str(better.parent))
    assert engine_of(tmp_path).name == "mongod"
    (tmp_path / "engine").write_text("secantusd-py")
    assert engine_of(tmp_path).name == "secantusd-py"
    with pytest.raises(NotStarted, match="secantusd-py"):
        engine_of(tmp_path, "mongod")


def test_no_two_parts_share_an_address_a_user_or_a_password(tmp_path: Path) -> None:
    configured = settings(installation(tmp_path)).values()
    for name in ("AMQP_URI", "MONGODB_URI", "LINLI_OPS_PORT", "LINLI_DATABASE"):
        assert len({each[name] for each in configured}) == len(PARTS)


def test_each_part_says_where_its_metrics_are(tmp_path: Path) -> None:
    found = installation(tmp_path)
    for part in found.parts:
        assert f"ops http://127.0.0.1:{part.settings['LINLI_OPS_PORT']}" in part.address
    [gateway] = [part for part in found.parts if part.name == GATEWAY]
    assert gateway.address.startswith(f"{found.gateway_url}  ops ")


def test_only_the_gateway_gets_the_key_that_signs_principals(tmp_path: Path) -> None:
    configured = settings(installation(tmp_path))
    assert "LINLI_PRINCIPAL_PRIVATE_KEY_FILE" in configured["gateway"]
    assert all("LINLI_PRINCIPAL_PRIVATE_KEY_FILE" not in configured[name] for name in NAMES)


def test_secrets_are_readable_only_by_their_owner(tmp_path: Path) -> None:
    settings(installation(tmp_path))
    made = list((tmp_path / "secrets").iterdir())
    assert made
    private = [file for file in made if file.suffix != ".pub"]
    assert {file.stat().st_mode & 0o777 for file in private} == {0o600}


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    one, other = Keys(tmp_path / "a"), Keys(tmp_path / "b")
    assert one.root("org").read_bytes() != other.root("org").read_bytes()
    assert one.password("broker", "org") != other.password("broker", "org")


def test_two_services_share_no_key(tmp_path: Path) -> None:
    configured = settings(installation(tmp_path))
    variables = [f"LINLI_{name}_KEY_FILE" for name in ("ROOT", "INDEX", "AUDIT")]
    keys = [Path(configured[service][variable]).read_bytes() for service in ("org", "cases") for variable in variables]
    assert len(set(keys)) == len(keys)


def test_a_formerly_shared_key_is_copied_to_those_two_services_only(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    shared = {name: f"{name} of all".encode() for name in ("root", "index", "audit")}
    for name, content in shared.items():
        (tmp_path / f"{name}.key").write_bytes(content)
    for service in ("org", "cases"):
        found = {name: keys.file(f"{service}.{name}.key").read_bytes() for name in shared}
        assert found == shared
    assert keys.root("residents").read_bytes() != shared["root"]


@pytest.mark.parametrize("name", ["root.key", "index.key", "audit.key"])
def test_a_shared_key_is_deleted_once_each_service_has_its_own_copy(tmp_path: Path, name: str) -> None:
    shared = tmp_path / name
    shared.write_bytes(b"of all")
    keys = Keys(tmp_path)
    keys.file(f"org.{name}")
    assert shared.exists()
    copies = [keys.file(f"{service}.{name}") for service in ("org", "cases")]
    assert not shared.exists()
    assert [copy.read_bytes() for copy in copies] == [b"of all"] * 2


def test_the_only_copy_of_a_shared_key_is_kept(tmp_path: Path) -> None:
    shared = tmp_path / "audit.key"
    for file in (shared, tmp_path / "org.audit.key", tmp_path / "cases.audit.key"):
        file.write_text(f"content of {file.name}")
    Keys(tmp_path).file("org.audit.key")
    assert shared.exists()


def test_a_rotation_deletes_the_shared_key_once_each_service_has_its_own(tmp_path: Path) -> None:
    keys, shared = Keys(tmp_path), tmp_path / "root.key"
    root = keys.root("org")
    shared.write_bytes(b"replaced by both services")
    keys.begin_rotation(root)
    keys.end_rotation(root)
    assert shared.exists(), "cases may still need it"
    (tmp_path / "cases.root.key").write_bytes(b"of cases")
    keys.begin_rotation(root)
    keys.end_rotation(root)
    assert not shared.exists()
    root.unlink()
    assert keys.root("org").read_bytes() != b"replaced by both services"


def test_an_interrupted_rotation_resumes(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    root = keys.root("cases")
    first = root.read_bytes()
    keys.old(root).write_bytes(first)  # interrupted before the new key was created
    keys.begin_rotation(root)
    second = root.read_bytes()
    assert second != first == keys.old(root).read_bytes()
    keys.begin_rotation(root)  # interrupted later
    assert (root.read_bytes(), keys.old(root).read_bytes()) == (second, first)


def test_a_service_gets_the_old_root_key_during_rotation(tmp_path: Path) -> None:
    keys = Keys(tmp_path)
    keys.begin_rotation(keys.root("cases"))
    assert "LINLI_OLD_ROOT_KEY_FILE" in key_settings("cases", keys)
    assert "LINLI_OLD_ROOT_KEY_FILE" not in key_settings("org", keys)
    keys.end_rotation(keys.root("cases"))
    assert "LINLI_OLD_ROOT_KEY_FILE" not in key_settings("cases", keys)


def test_each_service_can_have_its_own_configured_key(tmp_path: Path) -> None:
    given = {"LINLI_ROOT_KEY_FILE": "/keys/root", "LINLI_ROOT_KEY_FILE_CASES": "/keys/cases"}
    configured = settings(installation(tmp_path, MONGODB_URI="mongodb://db.example", **given))
    assert [configured[part]["LINLI_ROOT_KEY_FILE"] for part in ("org", "cases")] == ["/keys/root", "/keys/cases"]


def test_configured_addresses_get_no_generated_secrets(tmp_path: Path) -> None:
    configured = settings(installation(tmp_path, MONGODB_URI="mongodb://db.example", LINLI_ROOT_KEY_FILE="/keys/root"))
    assert configured["cases"]["LINLI_ROOT_KEY_FILE"] == "/keys/root"
    assert "LINLI_INDEX_KEY_FILE" not in configured["cases"]
    assert configured["cases"]["MONGODB_URI"] == "mongodb://db.example"


def test_each_part_can_have_its_own_configured_address(tmp_path: Path) -> None:
    given = {"AMQP_URI": "amqp://all@mq.example", "AMQP_URI_CASES": "amqp://cases@mq.example"}
    found = installation(tmp_path, **given)
    assert found.broker is None
    assert [found.amqp_uri(name) for name in ("org", "cases")] == ["amqp://all@mq.example", "amqp://cases@mq.example"]


def test_a_port_taken_by_another_program_is_replaced(tmp_path: Path) -> None:
    ports = ChosenPorts(tmp_path / "ports.json")
    taken, kept = ports.of("gateway"), ports.of("org")
    with socket.create_server(("127.0.0.1", taken)):
        again = ChosenPorts(tmp_path / "ports.json")
        again.reconsider("gateway")
        again.reconsider("org")
        assert again.of("gateway") != taken
        assert again.of("org") == kept


def test_a_preferred_port_is_taken_again_once_it_is_free(tmp_path: Path) -> None:
    preferred = ports.free(1)[0]
    with socket.create_server(("127.0.0.1", preferred)):
        first = ChosenPorts(tmp_path / "ports.json").of("gateway", preferred)
    again = ChosenPorts(tmp_path / "ports.json")
    assert first != preferred
    again.reconsider("gateway", preferred)
    assert again.of("gateway", preferred) == preferred


def test_a_preferred_port_that_another_name_has_is_not_taken_twice(tmp_path: Path) -> None:
    preferred = ports.free(1)[0]
    (tmp_path / "ports.json").write_text(f'{{"broker": {preferred}}}')
    chosen = ChosenPorts(tmp_path / "ports.json")
    chosen.reconsider("broker", preferred)
    assert chosen.of("broker") == preferred != chosen.of("gateway", preferred)


# Chooses as `up` does, says so, and holds its choice until its input ends.
CHOOSING = """
import sys
from pathlib import Path
from launcher.servers.ports import ChosenPorts
chosen = ChosenPorts(Path(sys.argv[1]))
for name in chosen.names:
    chosen.reconsider(name, int(sys.argv[2]))
print(chosen.of("gateway", int(sys.argv[2])), chosen.of("broker"), flush=True)
sys.stdin.read()
"""


def test_installations_that_choose_at_the_same_time_choose_different_ports(tmp_path: Path) -> None:
    preferred = ports.free(1)[0]
    (tmp_path / "same").mkdir()
    (tmp_path / "same" / "ports.json").write_text(f'{{"broker": {preferred}}}')
    choosing = [
        subprocess.Popen(
            [sys.executable, "-c", CHOOSING, str(tmp_path / name / "ports.json"), str(preferred)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for name in ("one", "two", "three", "same")
    ]
    try:
        chosen = [port for each in choosing for port in (each.stdout or [""]).__iter__().__next__().split()]
    finally:
        for each in choosing:
            each.communicate()
    assert len(chosen) == 8 == len(set(chosen))
    assert str(preferred) in chosen


def test_a_port_is_free_for_others_once_the_command_that_chose_it_has_ended(tmp_path: Path) -> None:
    preferred = ports.free(1)[0]
    for name in ("one", "two"):
        words = [sys.executable, "-c", CHOOSING, str(tmp_path / name), str(preferred)]
        done = subprocess.run(words, input="", capture_output=True, text=True, cwd=ROOT, check=True)
        assert done.stdout.split()[0] == str(preferred)


def test_a_preferred_port_in_use_is_not_chosen(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert ChosenPorts(tmp_path / "ports.json").of("gateway", port) != port


def test_two_names_never_get_one_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = ChosenPorts(tmp_path / "ports.json")
    monkeypatch.setattr("launcher.servers.ports.free", lambda count: list(range(5000, 5000 + count)))
    assert [chosen.of(name) for name in ("broker", "database", "gateway")] == [5000, 5001, 5002]


def test_a_part_started_with_other_settings_does_not_count_as_running(tmp_path: Path) -> None:
    register = Register(tmp_path / "running")
    before, after = installation(tmp_path).parts[0], installation(tmp_path, LINLI_LOG_LEVEL="DEBUG").parts[0]
    running = process.start(["sleep", "60"], env={"PATH": os.environ["PATH"]}, log=tmp_path / "log")
    register.add(before, running)
    assert register.runs(before)
    assert not register.runs(after)
    register.stop(before.name)
    assert not running.alive
    assert register.names == []


def test_definitions_need_every_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROKER_PASSWORD_ORG", "given")
    with pytest.raises(Stopped, match="BROKER_PASSWORD_CASES") as refusal:
        broker_definitions.run(argparse.Namespace(vhost="/"))
    assert "BROKER_PASSWORD_ORG" not in str(refusal.value)
