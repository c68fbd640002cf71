"""What only the system's package manager can install."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from launcher.broker import find_server
from launcher.problems import NotStarted

# Debian starts a server's service when it installs it; Linli runs a private one instead.
_POLICY = Path("/usr/sbin/policy-rc.d")


def need_rabbitmq() -> None:
    """Install Debian's RabbitMQ where it is missing and we may; raises `NotStarted` with what to do."""
    if find_server():
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        hint = "install it (Debian: sudo apt-get install rabbitmq-server), or set AMQP_URI to a broker of yours"
        raise NotStarted("broker", f"RabbitMQ is not on this machine; {hint}")
    print("broker    installing rabbitmq-server with apt", flush=True)
    own_policy = not _POLICY.exists()
    if own_policy:
        _POLICY.write_text("#!/bin/sh\nexit 101\n")
        _POLICY.chmod(0o755)
    try:
        _apt("update")
        _apt("install", "--yes", "--no-install-recommends", "rabbitmq-server")
    finally:
        if own_policy:
            _POLICY.unlink()


def _apt(*arguments: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", "-q", *arguments], env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotStarted("broker", f"apt-get {arguments[0]} failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}")
