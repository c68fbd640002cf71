"""docs/architecture.md names files that are there, each once, and leaves out none that the rules of a report run."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

from chassis.context import Context
from chassis.persistence import write_plan
from launcher.servers.processes import ROOT
from services.cases.case.model.case import Case
from tests.unit.cases import people

PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
FILES = Counter(re.findall(r"`([\w/.]+\.py)`", PAGE))
#: Nothing on the page imports these: they are started, found by their folder, or reached over the broker.
BEGINNINGS = {
    "gateway/server.py",
    "gateway/routes/cases/case.py",
    "services/cases/service.py",
    "launcher/servers/broker_topology.py",
}
#: Used everywhere.
BASICS = {"chassis/clock.py", "chassis/errors.py", "chassis/ids.py", "chassis/metrics.py"}
#: The module of the command has others, which need this.
OF_OTHER_COMMANDS = {
    "services/cases/api/steps.py",
    "services/cases/directory/merged_cases.py",
    "services/cases/directory/reasons.py",
}


def imported_by(file: str) -> Iterator[str]:
    """Yields the files that a file imports, also through what a package gives on."""
    for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = node.module.replace(".", "/")
            yield from (f"{path}.py" for path in (module, *(f"{module}/{alias.name}" for alias in node.names)))
            package = f"{module}/__init__.py"
            if package != file and (ROOT / package).is_file():
                yield from imported_by(package)


def run_by(act: Callable[[], Any]) -> set[str]:
    """Returns the files of the tree whose functions `act` runs."""
    run: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename.startswith(f"{ROOT}/"):
            run.add(frame.f_code.co_filename.removeprefix(f"{ROOT}/"))

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(before)
    return {file for file in run if not file.startswith(("tests/", ".venv/"))}


def report() -> None:
    case = Case.report(people.RESIDENT, "key", people.report_of(), people.LIMITS, people.START)
    context = Context(tenant=case.tenant, actor="r-1", now=people.START, correlation_id="c-1")
    write_plan.insertion(case, context, {})


def test_every_file_that_the_page_names_is_there() -> None:
    assert [file for file in FILES if not (ROOT / file).is_file()] == []


def test_each_file_is_named_once() -> None:
    assert [file for file, times in FILES.items() if times > 1] == []


def test_ten_files_tell_what_a_creation_does() -> None:
    table = PAGE[: PAGE.index("## The path of a creation")]
    assert len(re.findall(r"^\| `", table, re.MULTILINE)) == 10


def test_each_file_is_imported_by_another_that_the_page_names() -> None:
    joined = {other for file in FILES for other in imported_by(file) if other != file}
    assert FILES.keys() - joined == BEGINNINGS


def test_the_page_names_what_the_command_imports_of_its_service() -> None:
    of_cases = {
        file
        for file in imported_by("services/cases/case/commands/intake.py")
        if file.startswith("services/cases/") and (ROOT / file).is_file()
    }
    assert of_cases - FILES.keys() - OF_OTHER_COMMANDS == set()


def test_the_page_names_every_file_that_the_rules_and_the_write_of_a_report_run() -> None:
    run = run_by(report)
    assert "services/cases/case/model/intake.py" in run
    assert run - FILES.keys() - BASICS == set()
