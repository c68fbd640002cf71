"""Stopping order of `./linli down`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.commands import down
from launcher.installation import Installation
from launcher.servers import process
from launcher.servers.broker import Broker
from launcher.servers.process import Process
from launcher.service_list import NAMES

# On SIGTERM, records it, and exits once all of its companions have received it as well.
STAND_IN = """
import pathlib, signal, sys, time
file, name, *companions = sys.argv[1:]
told = pathlib.Path(file)
def end(*_):
    with told.open("a") as lines:
        lines.write(f"{name} is told\\n")
    while not all(f"{companion} is told" in told.read_text() for companion in companions):
        time.sleep(0.01)
    with told.open("a") as lines:
        lines.write(f"{name} has ended\\n")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("ready", flush=True)
while True:
    signal.pause()
"""
STOP_ORDER = (("gateway",), NAMES, ("broker", "database"))


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Process]]:
    """Stand-ins for all members of an installation."""
    monkeypatch.setenv("LINLI_HOME", str(tmp_path))
    monkeypatch.setattr(Broker, "prepare_stop", lambda broker: None)  # there is no node to prepare
    for name in ("AMQP_URI", "MONGODB_URI"):
        monkeypatch.delenv(name, raising=False)
    installation = Installation()
    companions = {name: group for group in STOP_ORDER for name in group}
    processes = []
    for member in installation.members:
        log = tmp_path / f"{member.name}.log"
        command = [sys.executable, "-c", STAND_IN, str(tmp_path / "told"), member.name, *companions[member.name]]
        processes.append(process.start(command, env={"PATH": os.environ["PATH"]}, log=log))
        installation.register.add(member, processes[-1])
        assert process.wait_until(lambda log=log: "ready" in log.read_text(), 10)
    yield processes
    for each in processes:
        each.kill()


def test_the_gateway_stops_first_then_all_services_together_and_the_servers_last(
    running: list[Process], tmp_path: Path
) -> None:
    assert down.run(argparse.Namespace(purge=False)) == 0
    assert not any(each.alive for each in running)
    told = iter((tmp_path / "told").read_text().splitlines())
    for group in STOP_ORDER:
        for what in ("is told", "has ended"):
            assert {next(told) for _ in group} == {f"{name} {what}" for name in group}
