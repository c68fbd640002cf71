"""`./linli import-cases --tenant T FILE`: imports cases of another system from a CSV file, through the public API.

Columns: those of New York City's 311, or ours (`OWN`). A rejected row goes to a report with its line and the
reason in English and Chinese; the other rows are imported. An interrupted import resumes where it stopped.
Existing cases stay unchanged.
"""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from launcher.api import Api, Refused, as_operator_in
from launcher.imports import nyc311
from launcher.imports.csv_files import BadRow, Rejected, add_to_report, cells_of, number_of, report_path
from launcher.installation import Installation
from launcher.problems import Stopped

OWN = (
    "number", "category", "path", "state", "text", "address", "lon", "lat", "lead", "reported_at", "closed_at",
)  # fmt: skip
"""`path`: the place; `state`: like `IN_PROGRESS`; times in ISO 8601 with their zone. Columns from `text` on may
be empty."""
_NEEDED = OWN[:4]
_BATCH = 200
# A cell may contain line breaks, but an unclosed quotation mark must not swallow the rest of the file.
_MAX_LINES = 20
Row = dict[str, Any]
Record = dict[str, str]


@dataclass
class Progress:
    """Checkpoint of an import, kept in the installation so that it can resume. `line`: the last one processed."""

    file: Path
    line: int = 1
    made: int = 0
    known: int = 0
    rejected: int = 0

    @classmethod
    def of(cls, folder: Path, api: Api, tenant: str, content: bytes) -> Progress:
        name = hashlib.sha256(f"{api.url} {tenant} ".encode() + content).hexdigest()
        file = folder / f"{name}.json"
        return cls(file, **json.loads(file.read_text())) if file.exists() else cls(file)

    @property
    def rows(self) -> int:
        return self.made + self.known + self.rejected

    def save(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        draft = self.file.with_suffix(".draft")
        draft.write_text(json.dumps({name: value for name, value in vars(self).items() if name != "file"}))
        draft.rename(self.file)


@dataclass
class Batch:
    """The rows of one request. `rejected` starts with the unreadable ones."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    line: int = 0


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help=f"CSV, UTF-8: the columns of NYC 311, or {', '.join(OWN)}")
    parser.add_argument("--tenant", required=True, help="the city to import into")
    parser.add_argument("--source", default="", help="name of the other system (default: nyc311 or the file's name)")
    parser.add_argument("--report", type=Path, help="where to write rejected rows (FILE.rejected.csv)")
    parser.add_argument("--url", default="", help="the gateway (default: this installation's)")


def run(options: argparse.Namespace) -> int:
    report = report_path(options.file, options.report)
    folder = Installation().folder / "imports"
    api = as_operator_in(options.tenant, options.url)
    done = import_file(
        api, options.tenant, options.file, report, folder, options.source, lambda done: print(f"{done.rows} rows")
    )
    print(f"{done.made} cases imported, {done.known} already present")
    if done.rejected:
        print(f"{done.rejected} rows rejected; for the reasons see {report}")
    return 0 if done.made or done.known or not done.rejected else 1


def import_file(
    api: Api,
    tenant: str,
    file: Path,
    report: Path,
    folder: Path,
    source: str = "",
    show: Callable[[Progress], None] = lambda progress: None,
) -> Progress:
    """`api`: the operator, or a centre. `folder` keeps the progress. Raises `Stopped` if the file is unreadable."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Stopped(f"{file}: {error.strerror}") from error
    progress = Progress.of(folder, api, tenant, content)
    if progress.line == 1:
        report.unlink(missing_ok=True)
    records = read(content)
    names = _names(next(records, (0, b""))[1])
    shape, source = _shape_of(names, api.get("/v1/tenant"), source or file.stem[:40])
    for batch in _batches(_rows(records, names, shape), progress.line):
        _send(api, source, batch, progress)
        add_to_report(report, batch.rejected)
        progress.line, progress.rejected = batch.line, progress.rejected + len(batch.rejected)
        progress.save()
        show(progress)
    progress.file.unlink(missing_ok=True)
    return progress


def read(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields the rows of a file with their first line numbers; a broken row does not affect the others."""
    lines = content.removeprefix(b"\xef\xbb\xbf").splitlines(keepends=True)
    start = 0
    while start < len(lines):
        count = _lines_of_row(lines[start : start + _MAX_LINES])
        text = b"".join(lines[start : start + count])
        if text.strip():
            yield start + 1, text
        start += count


def _lines_of_row(lines: list[bytes]) -> int:
    """Returns how many lines the row spans until its quotation marks are closed; 1 if they never are."""
    marks = 0
    for count, line in enumerate(lines, start=1):
        marks += line.count(b'"')
        if marks % 2 == 0:
            return count
    return 1


def _names(head: bytes) -> list[str]:
    try:
        return cells_of(head)
    except BadRow:
        return []


def _shape_of(names: list[str], tenant: Row, source: str) -> tuple[Callable[[Record], Row], str]:
    """Returns the function that maps records of these columns to rows, and the name of the other system."""
    if set(nyc311.NEEDED) <= set(names):
        zone = ZoneInfo(tenant["calendar"]["zone"])
        return lambda record: nyc311.row_of(record, tenant["path"], zone), nyc311.SOURCE
    if set(_NEEDED) <= set(names):
        return _own_row, source
    raise Stopped(f"the first line must name the columns of NYC 311 or {', '.join(_NEEDED)}")


def _own_row(record: Record) -> Row:
    row: Row = {name: record[name] for name in OWN if record.get(name)}
    return row | {name: number_of(row, name) for name in ("lon", "lat") if name in row}


def _rows(
    records: Iterable[tuple[int, bytes]], names: list[str], shape: Callable[[Record], Row]
) -> Iterator[tuple[int, Row | BadRow]]:
    for line, text in records:
        try:
            yield line, shape(dict(zip(names, cells_of(text, names), strict=True))) | {"line": line}
        except BadRow as bad:
            yield line, bad


def _batches(rows: Iterable[tuple[int, Row | BadRow]], after: int) -> Iterator[Batch]:
    batch = Batch()
    for line, row in rows:
        if line <= after:
            continue
        if isinstance(row, BadRow):
            batch.rejected.append(Rejected(line, row.en, row.zh))
        else:
            batch.rows.append(row)
        batch.line = line
        if len(batch.rows) == _BATCH:
            yield batch
            batch = Batch()
    if batch.line:
        yield batch


def _send(api: Api, source: str, batch: Batch, progress: Progress) -> None:
    """Sends a batch. If the whole request is invalid, bisects it down to the invalid row."""
    waiting = [batch.rows]
    while waiting:
        rows = waiting.pop()
        if not rows:
            continue
        try:
            answer = _post(api, source, rows)
        except Refused as refusal:
            if not refusal.is_invalid:
                raise
            if len(rows) > 1:
                waiting += [rows[len(rows) // 2 :], rows[: len(rows) // 2]]
                continue
            answer = _refused(api, source, rows[0], refusal)
        progress.made += answer["made"]
        progress.known += answer["known"]
        batch.rejected += [Rejected.of(rejected) for rejected in answer["rejected"]]


def _post(api: Api, source: str, rows: list[Row]) -> Row:
    return dict(api.post("/v1/imports/cases", source=source, rows=rows))


def _refused(api: Api, source: str, row: Row, refusal: Refused) -> Row:
    """Returns the rejection of an invalid row. Sends it again because the reason comes in one language."""
    try:
        return _post(api.in_language("zh-CN"), source, [row])
    except Refused as again:
        if not again.is_invalid:
            raise
        reason = {"en": _faults(refusal, ": ", "; "), "zh-CN": _faults(again, "：", "；")}
    return {"made": 0, "known": 0, "rejected": [{"line": row["line"], "reason": reason}]}


def _faults(refusal: Refused, colon: str, comma: str) -> str:
    """Lists the faults by column; the request has only this row."""
    fields = [(fault["field"].removeprefix("rows.0."), fault["reason"]) for fault in refusal.problem["fields"]]
    return comma.join(f"{name}{colon}{reason}" for name, reason in fields)
