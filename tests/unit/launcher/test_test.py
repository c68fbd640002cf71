"""`./linli test` asks for RabbitMQ only if a test may start it."""

from __future__ import annotations

import ast

import pytest

from launcher.commands.test import WITHOUT_SERVERS, at_once, needs_broker
from launcher.servers.processes import ROOT

SERVERS = {"broker", "database", "own_broker", "own_database", "site", "own_site", "running_site"}


@pytest.mark.parametrize(
    ("parts", "needed"),
    [
        ([], True),
        (["lint"], False),
        (["lint", "unit", "contract"], False),
        (["tests/unit/cases/test_clock.py", "tests/unit/cases/test_work.py::test_a"], False),
        (["unit", "integration"], True),
        (["tests/integration/test_audit.py"], True),
    ],
)
def test_rabbitmq_is_needed_only_by_tests_that_start_it(parts: list[str], needed: bool) -> None:
    assert needs_broker(parts) is needed


def test_the_folders_without_servers_ask_for_none() -> None:
    for folder in WITHOUT_SERVERS:
        for file in (ROOT / "tests" / folder).rglob("*.py"):
            functions = [node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef)]
            asked = {argument.arg for function in functions for argument in function.args.args}
            assert not asked & SERVERS, file


@pytest.mark.parametrize(
    ("tests", "several"), [([], True), ([str(ROOT / "tests" / "unit")], True), (["tests/unit/test_rooms.py"], False)]
)
def test_several_processes_run_the_tests_of_folders_and_one_those_of_files(tests: list[str], several: bool) -> None:
    assert ("--numprocesses" in at_once(tests)) is several
