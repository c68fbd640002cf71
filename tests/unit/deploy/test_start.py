"""`deploy/start`, the entry point of every container, with a fake `python` that prints its arguments."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from launcher.servers.broker_topology import GATEWAY
from launcher.servers.processes import PARTS, ROOT
from launcher.service_list import named


def begin(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    python = folder / "python"
    python.write_text('#!/bin/sh\necho "$@"\nenv\n')
    python.chmod(0o755)
    command = ["/bin/sh", ROOT / "deploy" / "start", *words]
    env = {"PATH": f"{folder}:/usr/bin:/bin", **variables}
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=10, check=False)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_started_as_the_launcher_starts_it(part: str, tmp_path: Path) -> None:
    expected = "-m gateway" if part == GATEWAY else f"-m chassis.run {named(part).runs}"
    assert begin(tmp_path, LINLI_PART=part).stdout.splitlines()[0] == expected


@pytest.mark.parametrize("name", ["AMQP_URI", "MONGODB_URI", "MONGODB_URI_CASES", "LINLI_PLACEMENT"])
def test_a_setting_with_a_password_is_read_from_a_file(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("amqp://cases:a$b%2F@host/%2F")
    begun = begin(tmp_path, LINLI_PART="cases", **{f"{name}_FILE": str(file)})
    assert f"{name}=amqp://cases:a$b%2F@host/%2F" in begun.stdout.splitlines()


def test_a_missing_file_prevents_the_start(tmp_path: Path) -> None:
    begun = begin(tmp_path, LINLI_PART="cases", AMQP_URI_FILE=str(tmp_path / "nothing"))
    assert begun.returncode != 0
    assert "nothing" in begun.stderr


def test_a_replica_is_named_after_its_host_unless_configured(tmp_path: Path) -> None:
    host = subprocess.run(["uname", "-n"], capture_output=True, text=True, check=True).stdout.strip()
    assert f"LINLI_REPLICA={host}" in begin(tmp_path, LINLI_PART="cases").stdout.splitlines()
    told = begin(tmp_path, LINLI_PART="cases", LINLI_REPLICA="third").stdout.splitlines()
    assert "LINLI_REPLICA=third" in told


def test_the_operators_image_runs_a_command_of_the_launcher(tmp_path: Path) -> None:
    assert begin(tmp_path, "parked", "list", LINLI_PART="operator").stdout.splitlines()[0] == "-m launcher parked list"


def test_a_part_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    begun = begin(tmp_path, LINLI_PART="nobody")
    assert begun.returncode == 2
    assert "nobody" in begun.stderr
