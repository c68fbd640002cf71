"""`./linli rows`: lists each row of the domain with its place, mechanism, owner and tests."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field

import pytest

from launcher.problems import Stopped
from launcher.servers.processes import ROOT

DOMAIN = ROOT / "docs" / "domain.md"
_HEADER = "mechanism"


@dataclass
class Row:
    """A row of the domain. `owner`: letters of the owning services, `O C`. `tests`: pytest node ids."""

    place: str
    mechanism: str
    owner: str
    tests: list[str] = field(default_factory=list)


class UnknownMark(Stopped):
    """A test names a mechanism that the domain does not have."""

    def __init__(self, marks: Iterable[tuple[str, str]]) -> None:
        lines = [f"{test} is marked with {mechanism!r}" for test, mechanism in marks]
        super().__init__("docs/domain.md has no row for these mechanisms:\n  " + "\n  ".join(lines))


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print a JSON list instead of a table")


def run(options: argparse.Namespace) -> int:
    rows = list(read(DOMAIN.read_text()))
    print("collecting the tests; this takes a few seconds …", file=sys.stderr, flush=True)
    assign(rows, _collected())
    if options.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        print(f"{row.place.partition(' (')[0]:24}{row.owner:12}{row.mechanism}: {len(row.tests)} tests")
        for test in row.tests:
            print(f"    {test}")
    tested = sum(bool(row.tests) for row in rows)
    print(f"{tested} of {len(rows)} rows have tests; the others are not built yet (see docs/domain.md)")
    print("owners: O org, R residents, C cases, V volunteers, N notify, G gateway")
    return 0


def read(text: str) -> Iterator[Row]:
    """Yields the rows of every table whose first column is `mechanism`, with the heading of their chapter."""
    place, in_table = "", False
    for line in text.splitlines():
        if line.startswith("## "):
            place, in_table = line.removeprefix("## "), False
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            in_table = False
        elif cells[0] == _HEADER:
            in_table = True
        elif in_table and not cells[0].startswith("---"):
            yield Row(place, cells[0], cells[-1])


def assign(rows: Iterable[Row], marks: Iterable[tuple[str, str]]) -> None:
    """Assigns each row its tests. `marks`: (test, mechanism). Raises `UnknownMark`."""
    by_mechanism = {row.mechanism: row for row in rows}
    unknown = []
    for test, mechanism in marks:
        if mechanism not in by_mechanism:
            unknown.append((test, mechanism))
        elif test not in by_mechanism[mechanism].tests:
            by_mechanism[mechanism].tests.append(test)
    if unknown:
        raise UnknownMark(unknown)


def marks_of(items: Iterable[pytest.Item]) -> Iterator[tuple[str, str]]:
    """Yields (test without its parameters, mechanism) for every mark."""
    for item in items:
        for mark in item.iter_markers("domain"):
            yield item.nodeid.partition("[")[0], mark.args[0]


class _Collector:
    def __init__(self) -> None:
        self.marks: list[tuple[str, str]] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self.marks = list(marks_of(session.items))


def _collected() -> list[tuple[str, str]]:
    collector = _Collector()
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code = pytest.main(["--collect-only", "-q", str(ROOT / "tests")], plugins=[collector])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        raise Stopped(f"Collecting the tests failed:\n{output.getvalue()}")
    return collector.marks
