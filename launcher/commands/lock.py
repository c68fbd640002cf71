"""`./linli lock`: resolves the dependencies of `pyproject.toml` into the hashed lock files in `requirements/`."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from launcher.problems import Stopped
from launcher.servers.processes import ROOT
from launcher.service_list import NAMES

_PROJECT = ROOT / "pyproject.toml"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--upgrade", action="store_true", help="use the newest versions that pyproject.toml allows")


def run(options: argparse.Namespace) -> int:
    declared = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    for name, extras in locks(declared).items():
        _compile(name, extras, upgrade=options.upgrade)
    return 0


def locks(declared: Iterable[str], services: Iterable[str] = NAMES) -> dict[str, list[str]]:
    """Returns the declared extras of each lock.

    One lock per image: services without an extra share `service`, `operator` is of the operator's commands. `dev` is
    for a checkout: everything, with the tools; `deploy` for testing containers and clusters; `bench` for the libraries
    that the event path is compared to.
    """
    own = [name for name in services if name in declared]
    names = ("service", *own, "gateway", "operator", "deploy", "bench")
    return {name: [name] for name in names} | {"dev": ["dev", *own]}


def _compile(name: str, extras: Iterable[str], *, upgrade: bool) -> None:
    uv = Path(sys.executable).with_name("uv")
    target = ROOT / "requirements" / f"{name}.txt"
    # Resolves for the oldest supported Python, and omits the index URL, which differs per machine.
    fixed = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url", "--quiet"]
    command: list[str | Path] = [uv, "pip", "compile", *fixed, "--custom-compile-command", "./linli lock"]
    command += [word for extra in extras for word in ("--extra", extra)]
    command += ["--upgrade"] if upgrade else []
    if subprocess.run([*command, "--output-file", target, _PROJECT], cwd=ROOT, check=False).returncode:
        raise Stopped(f"resolving requirements/{name}.txt failed")
    print(f"requirements/{name}.txt")
