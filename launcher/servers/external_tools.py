"""Tools only needed for testing deployments and benchmarks, each set in a separate virtual environment."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from launcher import text_files
from launcher.problems import Stopped
from launcher.servers.processes import ROOT


def tool(name: str, of: str = "deploy") -> Path:
    """Returns the program `name` of `requirements/<of>.txt`, installing it first if the lock has changed."""
    requirements, folder = ROOT / "requirements" / f"{of}.txt", ROOT / ".linli" / "tools" / of
    stamp, lock = folder / "linli.lock", hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != lock:
        _install(requirements, folder)
        text_files.replace(stamp, lock)
    return folder / "bin" / name


def _install(requirements: Path, folder: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    python = folder / "bin" / "python"
    install = (uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "--requirement", requirements)
    for command in ((uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder), install):
        if subprocess.run(command, check=False).returncode:
            raise Stopped(f"installing {requirements.name} failed")
