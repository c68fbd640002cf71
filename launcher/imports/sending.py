"""Sends rows of cases to the API in batches; a row that makes a whole request invalid is found by bisection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chassis.csv_table import BadRow
from launcher.api import Api, Refused
from launcher.imports.report import Outcome

_BATCH = 200
Row = dict[str, Any]


@dataclass
class Batch:
    """The rows of one request. `outcomes`: those of rows that cannot be read; `line`: of the last row."""

    rows: list[Row] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    line: int = 0
    read: int = 0

    def add(self, line: int, row: Row | BadRow) -> None:
        self.line, self.read = line, self.read + 1
        if isinstance(row, BadRow):
            self.outcomes.append(Outcome.rejected(line, row.en, row.zh))
        else:
            self.rows.append(row)


def batches(rows: Iterable[tuple[int, Row | BadRow]], after: int) -> Iterator[Batch]:
    """Yields the rows behind the line `after`."""
    batch = Batch()
    for line, row in rows:
        if line > after:
            batch.add(line, row)
        if batch.read == _BATCH:
            yield batch
            batch = Batch()
    if batch.read:
        yield batch


def send(api: Api, source: str, rows: list[Row]) -> Iterator[Outcome]:
    """Yields what became of each row."""
    waiting = [rows]
    while waiting:
        sent = waiting.pop()
        if not sent:
            continue
        try:
            answer = _post(api, source, sent)
        except Refused as refusal:
            if not refusal.is_invalid:
                raise
            if len(sent) > 1:
                waiting += [sent[len(sent) // 2 :], sent[: len(sent) // 2]]
                continue
            answer = _refused(api, source, sent[0], refusal)
        yield from (Outcome.refused(rejected) for rejected in answer["rejected"])
        for case in answer["cases"]:
            yield Outcome(case["line"], "imported" if case["made"] else "known", case["id"])


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
    return {"cases": [], "rejected": [{"line": row["line"], "reason": reason}]}


def _faults(refusal: Refused, colon: str, comma: str) -> str:
    """Lists the faults by column; the request has only this row."""
    fields = [(fault["field"].removeprefix("rows.0."), fault["reason"]) for fault in refusal.problem["fields"]]
    return comma.join(f"{name}{colon}{reason}" for name, reason in fields)
