"""docker-compose.yml: privileges and secrets of its containers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher.commands import secrets as secret_files
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.processes import PARTS, ROOT, key_settings
from launcher.servers.secrets import Keys

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
MADE = "${LINLI_SECRETS:-.linli/compose}/"


def shown(service: dict[str, Any]) -> dict[str, str]:
    """Returns the files under /run/secrets with their secrets."""
    pairs = [(each, each) if isinstance(each, str) else (each["target"], each["source"]) for each in service["secrets"]]
    return {f"/run/secrets/{target}": source for target, source in pairs}


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_writes_its_root_or_gains_a_privilege(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid"} & service.keys()


@pytest.mark.parametrize("name", SERVICES)
def test_every_secret_is_a_file_that_the_secrets_command_creates(name: str, tmp_path: Path) -> None:
    secret_files.make(tmp_path)
    for source in shown(SERVICES[name]).values():
        file = COMPOSE["secrets"][source]["file"]
        assert (tmp_path / file.removeprefix(MADE)).exists()


@pytest.mark.parametrize("part", PARTS)
def test_every_part_gets_only_its_own_keys(part: str, tmp_path: Path) -> None:
    files = {name: value for name, value in SERVICES[part]["environment"].items() if name.endswith("_FILE")}
    made = {name: Path(file).name for name, file in key_settings(part, Keys(tmp_path)).items()}
    expected = {name: f"/run/secrets/{file.removeprefix(f'{part}.')}" for name, file in made.items()}
    addresses = {
        f"{kind}_FILE": f"/run/secrets/{kind.lower().replace('_', '-')}" for kind in ("AMQP_URI", "MONGODB_URI")
    }
    assert files == expected | addresses
    assert set(files.values()) == shown(SERVICES[part]).keys()
    assert {shown(SERVICES[part])[file] for file in expected.values()} == set(made.values())


@pytest.mark.parametrize("part", PARTS)
def test_every_part_connects_as_its_own_user(part: str) -> None:
    sources = shown(SERVICES[part])
    assert sources["/run/secrets/amqp-uri"] == f"{part}.amqp-uri"
    assert sources["/run/secrets/mongodb-uri"] == f"{part}.mongodb-uri"


def test_only_the_gateway_is_reachable_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == [GATEWAY]
    inner = [name for name, network in COMPOSE["networks"].items() if network.get("internal")]
    assert set(inner) == COMPOSE["networks"].keys() - {"edge"}
