"""`./linli import-cases --tenant T FILE`: imports cases of another system from a CSV file, through the public API.

Columns: those of New York City's 311, or ours (`OWN`). The report says of each row whether it was imported, known or
rejected, and why; a rejected row does not affect the others. An interrupted import resumes where it stopped. Existing
cases stay unchanged.
"""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chassis.csv_table import BadRow, Columns, Record, Table
from chassis.types import Id
from chassis.validation import faults_of
from launcher.api import Api, as_operator_in
from launcher.imports import nyc311, sending
from launcher.imports.files import RowFaults, content_of, how_read, number_of, table_of
from launcher.imports.progress import Counts, Progress
from launcher.imports.report import REJECTED_ROWS, Report, report_path
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.progress import Line
from services.cases.api.imports import ImportedRow

OWN = Columns(
    ("number", "category", "path", "state"), ("text", "address", "lon", "lat", "lead", "reported_at", "closed_at")
)
"""`path`: the place; `state`: like `IN_PROGRESS`; times in ISO 8601 with their zone. The optional ones may be empty."""
_LONGEST_SOURCE = 40
Row = dict[str, Any]
Shape = Callable[[Record], Row]


def arguments(parser: argparse.ArgumentParser) -> None:
    columns = ", ".join((*OWN.needed, *OWN.optional))
    parser.description = f"Import cases from a CSV file. Exit code: 0 if all rows are in, {REJECTED_ROWS} if not."
    parser.add_argument("file", type=Path, help=f"CSV with the columns of NYC 311, or {columns}")
    parser.add_argument("--tenant", required=True, help="the city to import into")
    parser.add_argument("--source", default="", help="name of the other system (default: nyc311 or the file's name)")
    parser.add_argument("--report", type=Path, help="where to write what became of each row (FILE.report.csv)")
    parser.add_argument("--url", default="", help="the gateway (default: this installation's)")


def run(options: argparse.Namespace) -> int:
    if options.source and faults_of(options.source, Id):
        raise Stopped("--source takes 1 to 64 letters, digits and the characters _ . : -")
    report = report_path(options.file, options.report)
    folder = Installation().folder / "imports"
    api = as_operator_in(options.tenant, options.url)
    line = Line()
    done = import_file(
        api, options.tenant, options.file, report, folder, options.source, lambda counts: line.show(str(counts)), print
    )
    line.end(f"{done}; see {report}")
    return REJECTED_ROWS if done.rejected else 0


def import_file(
    api: Api,
    tenant: str,
    file: Path,
    report: Path,
    folder: Path,
    source: str = "",
    show: Callable[[Counts], None] = lambda counts: None,
    tell: Callable[[str], None] = lambda line: None,
) -> Counts:
    """`api`: the operator, or a centre. `folder` keeps the progress. Raises `Stopped` if the file is unreadable."""
    content = content_of(file)
    table = table_of(file, content, nyc311.COLUMNS, OWN)
    shape, name = _shape_of(table, api.get("/v1/tenant"))
    source = source or name or source_of(file.stem)
    tell(f"{file.name}: {how_read(table)}; the other system is {source}")
    progress = Progress(folder, api, tenant, source, content)
    written = Report.resumed(report, progress.counts.reported)
    if written is None:
        progress.counts, written = Counts(), Report(report)
    counts = progress.counts
    for batch in sending.batches(_rows(table, shape), counts.line):
        outcomes = [*batch.outcomes, *sending.send(api, source, batch.rows)]
        written.add(outcomes)
        counts.add(batch.read, batch.line, [outcome.result for outcome in outcomes], written.size)
        counts.require_even()
        progress.save()
        show(counts)
    progress.end()
    return counts


def source_of(name: str) -> str:
    """Returns the name of the other system, from a file's: in the characters of an id, and different for others."""
    plain = re.sub(r"[^A-Za-z0-9_.:-]+", "-", name).strip("-")[:_LONGEST_SOURCE]
    if name.isascii() and len(name) <= _LONGEST_SOURCE and plain:
        return plain
    return f"{plain or 'file'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _shape_of(table: Table, tenant: Row) -> tuple[Shape, str]:
    """Returns the function that maps a record to a row, and the name of the other system, if the columns tell it."""
    if table.columns is OWN:
        return _own_row, ""
    zone = ZoneInfo(tenant["calendar"]["zone"])
    return lambda record: nyc311.row_of(record, tenant["path"], zone), nyc311.SOURCE


def _own_row(record: Record) -> Row:
    row: Row = {name: record[name] for name in (*OWN.needed, *OWN.optional) if record.get(name)}
    faults = RowFaults()
    for name in ("lon", "lat"):
        with faults.collected():
            if cell := row.pop(name, ""):
                row[name] = number_of({name: cell}, name)
    if faults.found:  # otherwise the service says what is wrong
        others = faults_of(row | {"line": 1}, ImportedRow)
        faults.found += [BadRow(f"{field}: {en}", f"{field}：{zh}") for field, en, zh in others]
    faults.require_none()
    return row


def _rows(table: Table, shape: Shape) -> Iterator[tuple[int, Row | BadRow]]:
    for line, record in table.rows():
        try:
            yield line, record if isinstance(record, BadRow) else shape(record) | {"line": line}
        except BadRow as bad:
            yield line, bad
