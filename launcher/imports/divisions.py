"""`./linli import-divisions --tenant T FILE`: imports a city's divisions from a CSV file, through the public API.

Columns: `code`, `parent_code`, `level`, `name`. The report says of each row whether it was imported, changed the name
of a division, was known, rejected, or skipped as one of another city, and why; a rejected row does not affect the
others. An interrupted import is simply run again.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.csv_table import BadRow, Columns, Record, Table
from launcher.api import Api, as_operator_in
from launcher.imports.files import content_of, how_read, table_of
from launcher.imports.report import REJECTED_ROWS, Outcome, Report, report_path
from launcher.problems import Stopped
from launcher.progress import Line
from vocabulary.tiers import Tier

COLUMNS = Columns(("code", "parent_code", "level", "name"))
_BATCH = 500
_LONGEST = 1000
# Levels in files of the National Bureau of Statistics, from the top; a file may use our tiers as well.
_TIERS = {
    "province": Tier.PROVINCE,
    "prefecture": Tier.CITY,
    "city": Tier.CITY,
    "county": Tier.COUNTY,
    "township": Tier.STREET,
    "street": Tier.STREET,
    "village": Tier.COMMUNITY,
    "community": Tier.COMMUNITY,
}
#: Columns of the file by the fields of the API that have other names.
_COLUMNS = {"parent": "parent_code", "tier": "level"}
Row = dict[str, Any]


@dataclass
class Result:
    """Rows of the file, and what became of each. `changed`: the name of a division that existed."""

    read: int = 0
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def rejected(self) -> list[Outcome]:
        return [outcome for outcome in self.outcomes if outcome.result == "rejected"]

    def require_even(self) -> None:
        """Raises `Stopped` unless there is one outcome for each row that was read."""
        if not self.read == len(self.outcomes) == len({outcome.line for outcome in self.outcomes}):
            raise Stopped(f"Rows were lost ({self}). Please report this as a fault.")

    def __str__(self) -> str:
        of = Counter(outcome.result for outcome in self.outcomes)
        return (
            f"{self.read} rows: {of['imported']} divisions imported, {of['changed']} renamed, {of['known']} already "
            f"present, {of['skipped']} of other cities skipped, {of['rejected']} rejected"
        )


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = f"Import divisions from a CSV file. Exit code: 0 if all rows are in, {REJECTED_ROWS} if not."
    columns, levels = ", ".join(COLUMNS.needed), ", ".join(_TIERS)
    parser.add_argument("file", type=Path, help=f"CSV with the columns {columns}; level: {levels}")
    parser.add_argument("--tenant", required=True, help="the city that the divisions belong to")
    parser.add_argument("--report", type=Path, help="where to write what became of each row (FILE.report.csv)")
    parser.add_argument("--url", default="", help="the gateway (default: this installation's)")


def run(options: argparse.Namespace) -> int:
    path = report_path(options.file, options.report)
    api = as_operator_in(options.tenant, options.url)
    report = Report(path)
    line = Line()
    result = import_file(api, options.file, lambda done: line.show(f"{done} rows"), print)
    report.add(result.outcomes)
    line.end(f"{result}; see {path}")
    return REJECTED_ROWS if result.rejected else 0


def import_file(
    api: Api,
    file: Path,
    progress: Callable[[int], None] = lambda done: None,
    tell: Callable[[str], None] = lambda line: None,
) -> Result:
    """`api`: the operator, or an administrator of the whole city. Raises `Stopped` if the file lacks the columns."""
    result = Result()
    table = table_of(file, content_of(file), COLUMNS)
    tell(f"{file.name}: {how_read(table)}")
    rows = read(table, result)
    chosen = of_city(rows, str(api.get("/v1/tenant")["root"]))
    sent = {row["line"] for row in chosen}
    result.outcomes += [Outcome(row["line"], "skipped", row["code"]) for row in rows if row["line"] not in sent]
    send(api, chosen, result, progress)
    result.require_even()
    return result


def send(api: Api, rows: Sequence[Row], result: Result, progress: Callable[[int], None]) -> None:
    """Sends the rows, parents before children, 500 at a time."""
    order = list(_TIERS.values())
    ordered = sorted(rows, key=lambda row: order.index(row["tier"]) if row["tier"] in order else len(order))
    for start in range(0, len(ordered), _BATCH):
        batch = ordered[start : start + _BATCH]
        answer = api.post("/v1/divisions/import", rows=batch)
        codes = {row["line"]: row["code"] for row in batch}
        result.outcomes += [_outcome(row["line"], row["result"], codes) for row in answer["rows"]]
        result.outcomes += [Outcome.refused(row, _COLUMNS) for row in answer["rejected"]]
        progress(min(start + _BATCH, len(ordered)))


def _outcome(line: int, result: str, codes: Mapping[int, str]) -> Outcome:
    return Outcome(line, "imported" if result == "made" else result, codes[line])


def read(table: Table, result: Result) -> list[Row]:
    """Returns the rows that can be read; the others are rejected."""
    rows = []
    for line, record in table.rows():
        result.read += 1
        if isinstance(record, BadRow):
            result.outcomes.append(Outcome.rejected(line, record.en, record.zh))
        elif long := [name for name, cell in record.items() if len(cell) > _LONGEST]:
            en, zh = f"{long[0]}: has more than {_LONGEST} characters", f"{long[0]}：超过 {_LONGEST} 个字符"
            result.outcomes.append(Outcome.rejected(line, en, zh))
        else:
            rows.append(_row(line, record))
    return rows


def _row(line: int, record: Record) -> Row:
    code, parent, level, name = (record[column] for column in COLUMNS.needed)
    return {"line": line, "code": code, "parent": parent, "tier": _TIERS.get(level, level), "name": name}


def of_city(rows: Iterable[Row], root: str) -> list[Row]:
    """Drops the rows of other trees in the same file; the service decides on the rest."""
    rows = list(rows)
    parents = {row["code"]: row["parent"] for row in rows}

    def belongs(code: str) -> bool:
        seen: set[str] = set()
        while code in parents and code != root and code not in seen:
            seen.add(code)
            code = parents[code]
        # "" is the top of another tree; a parent that is not in the file may already exist.
        return code != ""

    return [row for row in rows if belongs(row["code"])]
