"""Tools that only trying containers and clusters needs, in a virtual environment of their own beside Linli's."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from launcher.parts import ROOT
from launcher.problems import Stopped

_LOCK = ROOT / "requirements" / "deploy.txt"
_VENV = ROOT / ".linli" / "tools"


def tool(name: str) -> Path:
    """The program `name` of `requirements/deploy.txt`, installed first where the lock has changed."""
    stamp, lock = _VENV / "linli.lock", hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != lock:
        _install()
        stamp.write_text(lock)
    return _VENV / "bin" / name


def _install() -> None:
    uv = Path(sys.executable).with_name("uv")
    python = _VENV / "bin" / "python"
    install = (uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "--requirement", _LOCK)
    for command in ((uv, "venv", "--quiet", "--clear", "--python", sys.executable, _VENV), install):
        if subprocess.run(command, check=False).returncode:
            raise Stopped(f"the tools of {_LOCK.name} could not be installed")
