"""`./linli import-divisions --tenant T FILE`: imports a city's divisions from a CSV file, through the public API.

Columns: `code`, `parent_code`, `level`, `name`. Rows of other cities are skipped. A rejected row goes to a report
with its line and the reason in English and Chinese; the other rows are imported. Existing divisions stay unchanged,
so an interrupted import is simply run again.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from launcher.api import Api, as_operator_in
from launcher.imports.csv_files import BadRow, Rejected, add_to_report, cells_of, report_path
from launcher.problems import Stopped
from vocabulary.tiers import Tier

COLUMNS = ("code", "parent_code", "level", "name")
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
Row = dict[str, Any]


@dataclass
class Report:
    """Result of an import. `accepted` includes `known`, the divisions that already existed."""

    accepted: int = 0
    known: int = 0
    outside: int = 0
    rejected: list[Rejected] = field(default_factory=list)

    def __str__(self) -> str:
        new = self.accepted - self.known
        return f"{new} divisions imported, {self.known} already present, {self.outside} of other cities skipped"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="CSV, UTF-8, with the columns " + ", ".join(COLUMNS))
    parser.add_argument("--tenant", required=True, help="the city that the divisions belong to")
    parser.add_argument("--report", type=Path, help="where to write rejected rows (FILE.rejected.csv)")
    parser.add_argument("--url", default="", help="the gateway (default: this installation's)")


def run(options: argparse.Namespace) -> int:
    report = import_file(as_operator_in(options.tenant, options.url), options.file, lambda done: print(f"{done} rows"))
    print(report)
    path = report_path(options.file, options.report)
    path.unlink(missing_ok=True)
    add_to_report(path, report.rejected)
    if report.rejected:
        print(f"{len(report.rejected)} rows rejected; for the reasons see {path}")
    return 0


def import_file(api: Api, file: Path, progress: Callable[[int], None] = lambda done: None) -> Report:
    """`api`: the operator, or an administrator of the whole city. Raises `Stopped` if the file lacks the columns."""
    report = Report()
    try:
        rows = read(file.read_bytes(), report)
    except OSError as error:
        raise Stopped(f"{file}: {error.strerror}") from error
    chosen = of_city(rows, str(api.get("/v1/tenant")["root"]))
    report.outside = len(rows) - len(chosen)
    send(api, chosen, report, progress)
    return report


def send(api: Api, rows: Sequence[Row], report: Report, progress: Callable[[int], None]) -> None:
    """Sends the rows, parents before children, 500 at a time."""
    order = list(_TIERS.values())
    ordered = sorted(rows, key=lambda row: order.index(row["tier"]) if row["tier"] in order else len(order))
    for start in range(0, len(ordered), _BATCH):
        answer = api.post("/v1/divisions/import", rows=ordered[start : start + _BATCH])
        report.accepted += int(answer["accepted"])
        report.known += int(answer["known"])
        report.rejected += [Rejected.of(rejected) for rejected in answer["rejected"]]
        progress(min(start + _BATCH, len(ordered)))


def read(content: bytes, report: Report) -> list[Row]:
    """Reads a file line by line, so that an open quote affects only its own row."""
    head, *lines = content.removeprefix(b"\xef\xbb\xbf").splitlines() or [b""]
    if tuple(head.decode(errors="replace").strip().split(",")) != COLUMNS:
        raise Stopped(f"the first line must be {','.join(COLUMNS)}")
    rows = []
    for number, line in enumerate(lines, start=2):
        try:
            if line.strip():
                rows.append(_row(number, _cells(line)))
        except BadRow as bad:
            report.rejected.append(Rejected(number, bad.en, bad.zh))
    return rows


def _cells(line: bytes) -> list[str]:
    cells = cells_of(line, COLUMNS)
    if max(map(len, cells)) > _LONGEST:
        raise BadRow(f"has a cell of more than {_LONGEST} characters", f"有超过 {_LONGEST} 个字的单元格")
    return cells


def _row(line: int, cells: Sequence[str]) -> Row:
    code, parent, level, name = cells
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
