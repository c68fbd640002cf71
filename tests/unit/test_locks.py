"""What a part imports is in the lock of its image; a service's image has the chassis and the vocabulary."""

from __future__ import annotations

import ast
import re
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
    foreign = set(imported(ROOT / folder)) - OURS - sys.stdlib_module_names
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


def test_the_gateway_can_import_its_own_libraries() -> None:
    assert missing("gateway", "gateway") == []
