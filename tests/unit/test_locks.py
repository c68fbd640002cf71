"""What a part imports is in the lock of its image; a service's image has the chassis and the vocabulary."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from launcher.service_list import NAMES

ROOT = Path(__file__).parents[2]
#: Parts of an image that are ours.
OURS = {"chassis", "vocabulary", "services", "gateway"}
DISTRIBUTIONS = packages_distributions()


def imported(folder: Path) -> Iterator[str]:
    """Yields the first name of each module that the folder's source imports."""
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case ast.Import(names=names):
                    yield from (each.name.partition(".")[0] for each in names)
                case ast.ImportFrom(module=str(module)):
                    yield module.partition(".")[0]


def locked(name: str) -> set[str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return set(re.findall("^[a-z0-9-]+(?===)", text, re.MULTILINE))


def missing(folder: str, lock: str) -> list[str]:
    return absent(set(imported(ROOT / folder)) - OURS - sys.stdlib_module_names, lock)


def absent(foreign: set[str], lock: str) -> list[str]:
    """Returns the modules of which no distribution is in the lock."""
    installed = locked(lock)
    return [
        module
        for module in sorted(foreign)
        if installed.isdisjoint(re.sub("[-_.]+", "-", each).lower() for each in DISTRIBUTIONS.get(module, ()))
    ]


@pytest.mark.parametrize("folder", ["chassis", "vocabulary"])
def test_every_service_can_import_what_services_share(folder: str) -> None:
    assert missing(folder, "service") == []


@pytest.mark.parametrize("service", NAMES)
def test_a_service_can_import_its_own_libraries(service: str) -> None:
    own = (ROOT / "requirements" / f"{service}.txt").exists()
    assert missing(f"services/{service}", service if own else "service") == []


@pytest.mark.parametrize("command", ["audit", "demo", "load_demo", "parked", "resync", "settings", "tenant"])
def test_the_operators_image_can_run_its_commands(command: str) -> None:
    look = f"import sys, launcher.commands.{command}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    loaded = subprocess.run([sys.executable, "-c", look], cwd=ROOT, capture_output=True, text=True, check=True)
    known = {module for module in loaded.stdout.split() if module in DISTRIBUTIONS}
    optional = {"_distutils_hack", "idna", "typing_extensions"}  # libraries take them if they are there
    assert absent(known - optional - OURS, "operator") == []


def test_the_gateway_can_import_its_own_libraries() -> None:
    assert missing("gateway", "gateway") == []
