from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.servers import packages
from launcher.servers.processes import PARTS
from tests.containers.engine import Podman
from tests.containers.images import build_all
from tests.containers.stack import Stack

TAG = "test"
# DNS for containers of one network; `iptables` publishes their ports.
_AARDVARK = Path("/usr/lib/podman/aardvark-dns")


@pytest.fixture(scope="session")
def podman() -> Iterator[Podman]:
    """The engine, with its tools installed."""
    if os.geteuid() != 0:
        pytest.skip("building and running containers here needs root")
    _need_podman()
    engine = Podman(Path.home() / ".cache" / "linli" / "containers", Path("/run/linli-containers"))
    with engine.alone():
        yield engine


@pytest.fixture(scope="session")
def stand_ins(podman: Podman) -> dict[str, str]:
    """Every image built, and by the name of its service the image of each stand-in."""
    return build_all(podman, TAG)


@pytest.fixture(scope="session")
def stack(podman: Podman, stand_ins: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The compose file, up and ready."""
    fresh = Stack(podman, tmp_path_factory.mktemp("stack"), TAG, stand_ins)
    try:
        fresh.up()
        fresh.wait_until_ready(*PARTS)
        yield fresh
    finally:
        fresh.down()


def _need_podman() -> None:
    """Installs what builds and runs containers without Docker. Raises `NotStarted` with what to do."""
    programs = ("podman", "runc", "debootstrap", "iptables")
    if any(shutil.which(program) is None for program in programs) or not _AARDVARK.exists():
        packages.install("containers", [*programs, "netavark", "aardvark-dns"], "or skip the container tests")
