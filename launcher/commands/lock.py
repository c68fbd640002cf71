"""`./linli lock`: resolves the dependencies of `pyproject.toml` into the hashed lock files in `requirements/`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from launcher.problems import Stopped
from launcher.servers.processes import ROOT

# One per image; `dev` for a checkout, with everything and the tools; `deploy` for testing containers and clusters;
# `bench` for the libraries that the event path is compared with.
_LOCKS = ("org", "cases", "gateway", "dev", "deploy", "bench")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--upgrade", action="store_true", help="use the newest versions that pyproject.toml allows")


def run(options: argparse.Namespace) -> int:
    for name in _LOCKS:
        _compile(name, upgrade=options.upgrade)
    return 0


def _compile(name: str, *, upgrade: bool) -> None:
    uv = Path(sys.executable).with_name("uv")
    target = ROOT / "requirements" / f"{name}.txt"
    # Resolves for the oldest supported Python, and names no index: each machine has its own.
    fixed = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--quiet"]
    command: list[str | Path] = [
        uv,
        "pip",
        "compile",
        *fixed,
        "--custom-compile-command",
        "./linli lock",
        "--extra",
        name,
    ]
    command += ["--upgrade"] if upgrade else []
    if subprocess.run([*command, "--output-file", target, ROOT / "pyproject.toml"], cwd=ROOT, check=False).returncode:
        raise Stopped(f"resolving requirements/{name}.txt failed")
    print(f"requirements/{name}.txt")
