"""`./linli lock`: resolve the dependencies of `pyproject.toml` anew into the hashed locks of `requirements/`."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from launcher.problems import Stopped
from launcher.servers.processes import ROOT

# One for each image, `dev` for a checkout: everything, with the tools; `deploy` for trying containers and clusters;
# `bench` for what the event path is measured beside.
_LOCKS = ("org", "cases", "gateway", "dev", "deploy", "bench")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions that pyproject.toml allows")


def run(options: argparse.Namespace) -> int:
    for name in _LOCKS:
        _compile(name, upgrade=options.upgrade)
    return 0


def _compile(name: str, *, upgrade: bool) -> None:
    uv = Path(sys.executable).with_name("uv")
    target = ROOT / "requirements" / f"{name}.txt"
    # The oldest Python that we support decides, and no index is named: each machine has its own.
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
        raise Stopped(f"requirements/{name}.txt could not be resolved")
    print(f"requirements/{name}.txt")
