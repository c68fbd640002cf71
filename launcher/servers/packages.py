"""System packages, installed with apt."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from launcher import text_files
from launcher.problems import NotStarted
from launcher.servers.broker import find_server

# Debian starts a server when it installs it, unless this policy forbids it; Linli runs a private one instead.
_POLICY = Path("/usr/sbin/policy-rc.d")
_OURS = "#!/bin/sh\n# Linli is installing a package, and removes this file afterwards.\nexit 101\n"


def need_rabbitmq() -> None:
    """Installs Debian's RabbitMQ if it is missing. Raises `NotStarted` with what to do."""
    _end_policy()
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
    print(f"{part:10} installing {names} with apt", flush=True)
    if not _POLICY.exists():
        text_files.replace(_POLICY, _OURS, 0o755)
    try:
        _run(part, "dpkg", "--configure", "-a")  # an interrupted installation stops every later one
        _run(part, "apt-get", "-q", "update")
        _run(part, "apt-get", "-q", "install", "--yes", "--no-install-recommends", *packages)
    finally:
        _end_policy()


def _end_policy() -> None:
    """Removes our policy: also that of a command that was killed, with which no server of this machine would start."""
    if _POLICY.exists() and _POLICY.read_text(errors="replace") == _OURS:
        _POLICY.unlink()


def _run(part: str, *command: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotStarted(part, f"{' '.join(command)} failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}")
