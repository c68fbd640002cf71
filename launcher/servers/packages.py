"""What only the system's package manager can install."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from launcher.problems import NotStarted
from launcher.servers.broker import find_server

# Debian starts a server's service when it installs it; Linli runs a private one instead.
_POLICY = Path("/usr/sbin/policy-rc.d")

# By it containers of one network find each other by name; `iptables` publishes their ports.
_AARDVARK = Path("/usr/lib/podman/aardvark-dns")


def need_rabbitmq() -> None:
    """Install Debian's RabbitMQ where it is missing and we may; raises `NotStarted` with what to do."""
    if not find_server():
        _install("broker", ["rabbitmq-server"], "or set AMQP_URI to a broker of yours")


def need_wrk() -> None:
    """Install the load generator; raises `NotStarted` with what to do."""
    if shutil.which("wrk") is None:
        _install("wrk", ["wrk"], "or measure another part")


def need_podman() -> None:
    """Install what builds and runs containers where no Docker is; raises `NotStarted` with what to do."""
    programs = ("podman", "runc", "debootstrap", "iptables")
    if any(shutil.which(program) is None for program in programs) or not _AARDVARK.exists():
        packages = [*programs, "netavark", "aardvark-dns"]
        _install("containers", packages, "or leave the tests of containers out")


def _install(part: str, packages: Sequence[str], otherwise: str) -> None:
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
