"""The disk of the database is full: writes are refused, what was accepted stays, and with room work goes on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chassis.errors import Unavailable
from gateway.http.problems import NoAnswer
from tests.faults.conftest import Town
from tests.faults.ledger import BACK, Ledger

_DISK = "160m"
_PIECE = 1 << 16


@pytest.fixture(scope="module")
def database_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small disk of its own for the database of this module's town."""
    folder = tmp_path_factory.mktemp("small")
    if os.geteuid() != 0:
        pytest.skip("a disk of its own needs root")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine mounts no disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Until not one byte goes on the disk."""
    piece = _PIECE
    with ballast.open("ab", buffering=0) as file:
        while piece:
            try:
                if file.write(b"\0" * piece) < piece:
                    piece //= 2
            except OSError:
                piece //= 2


def test_a_full_disk_of_the_database_takes_nothing_and_loses_nothing(town: Town, database_folder: Path) -> None:
    ledger = Ledger(town.city)
    ledger.report(5)
    assert not ledger.refused
    ballast = database_folder / "ballast"
    fill(ballast)
    for _ in range(200):
        [answer] = ledger.report()
        if ledger.refused:
            break
        fill(ballast)  # what the database had room for in its own files is used up
    assert answer.status_code in (Unavailable.status, NoAnswer.status)
    assert answer.status_code == NoAnswer.status or int(answer.headers["retry-after"]) > 0
    ballast.unlink()
    # An engine that could not write its journal takes nothing more until it is started anew.
    town.database.kill()
    town.database.start()
    town.city.wait(town.ready, BACK)
    town.city.wait(ledger.repeat, BACK)
    ledger.report(3)
    assert not ledger.refused
    ledger.check()
