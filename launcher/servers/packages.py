"""System packages, installed with apt."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from launcher.problems import NotStarted
from launcher.servers.broker import find_server

# Debian starts a server when it installs it, unless this policy forbids it; Linli runs a private one instead.
_POLICY = Path("/usr/sbin/policy-rc.d")


def need_rabbitmq() -> None:
    """Installs Debian's RabbitMQ if it is missing. Raises `NotStarted` with what to do."""
    if not find_server():
        install("broker", ["rabbitmq-server"], "or set AMQP_URI to your own broker")


def need_wrk() -> None:
    """Installs the load generator. Raises `NotStarted` with what to do."""
    if shutil.which("wrk") is None:
        install("wrk", ["wrk"], "or measure another part")


def install(part: str, packages: Sequence[str], otherwise: str) -> None:
    """Installs packages for a part of Linli. Raises `NotStarted` with what to do, which `otherwise` completes."""
    names = " ".join(packages)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NotStarted(part, f"install {names} first (Debian: sudo apt-get install), {otherwise}")
    print(f"{part:9} installing {names} with apt", flush=True)
    own_policy = not _POLICY.exists()
    if own_policy:
        _POLICY.write_text("#!/bin/sh\nexit 101\n")
        _POLICY.chmod(0o755)
    try:
        _apt(part, "update")
        _apt(part, "install", "--yes", "--no-install-recommends", *packages)
    finally:
        if own_policy:
            _POLICY.unlink()


def _apt(part: str, *arguments: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", "-q", *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotStarted(part, f"apt-get {arguments[0]} failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}")
