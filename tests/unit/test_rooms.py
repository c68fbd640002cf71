"""A unit test lies in the folder of what it tests, and imports nothing that stands above or beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher.service_list import NAMES

FOLDER = Path(__file__).parent
#: Each room with its package, and what a test there may import besides. Tests of `deploy` read files of the tree.
ROOMS = {
    "chassis": ("chassis", ()),
    "vocabulary": ("vocabulary", ("chassis",)),
    **{name: (f"services.{name}", ("vocabulary", "chassis")) for name in NAMES},
    "gateway": ("gateway", (*(f"services.{name}.api" for name in NAMES), "vocabulary", "chassis")),
    "launcher": ("launcher", ("gateway", "services", "vocabulary", "chassis")),
    "deploy": ("launcher", ("gateway", "services", "vocabulary", "chassis")),
}
OURS = ("bench", "chassis", "gateway", "launcher", "services", "vocabulary")
TESTS = sorted(FOLDER.glob("*/test_*.py"))


def imported(file: Path) -> Iterator[str]:
    """Yields the modules of the tree that a test imports, also through the helpers of its folder."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        for name in (f"{node.module}.{alias.name}" for alias in node.names):
            helper = FOLDER / file.parent.name / f"{name.rpartition('.')[2]}.py"
            if name.startswith(f"tests.unit.{file.parent.name}.") and helper.is_file():
                yield from imported(helper)
            elif name.partition(".")[0] in OURS:
                yield name


def is_in(module: str, *packages: str) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def test_each_folder_is_a_room() -> None:
    assert {file.parent.name for file in TESTS} <= ROOMS.keys()


@pytest.mark.parametrize("file", TESTS, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_a_unit_test_lies_in_the_room_of_what_it_imports(file: Path) -> None:
    package, below = ROOMS[file.parent.name]
    modules = set(imported(file))
    assert any(is_in(module, package) for module in modules), f"it tests nothing of {package}"
    assert {module for module in modules if not is_in(module, package, *below)} == set()
