"""CSV files that others made: the cells of a row, and the report of the rows that were not taken."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class BadRow(Exception):
    """A row that is not taken. `en`, `zh`: why."""

    def __init__(self, en: str, zh: str) -> None:
        self.en, self.zh = en, zh
        super().__init__(en)


class Rejected(NamedTuple):
    """What the report says of a row: its line in the file, and why it was not taken, in English and in Chinese."""

    line: int
    en: str
    zh: str

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Rejected:
        """As the API tells it: `{line, reason: {en, zh-CN}}`."""
        return cls(told["line"], told["reason"]["en"], told["reason"]["zh-CN"])


def cells_of(text: bytes, names: Sequence[str] = ()) -> list[str]:
    """The cells of one row, one for each of the columns `names` where they are known. Raises `BadRow`."""
    if text.count(b'"') % 2:
        raise BadRow("a quotation mark is not closed", "引号未闭合")
    try:
        [cells] = csv.reader(io.StringIO(text.decode(), newline=""), strict=True)
    except UnicodeDecodeError:
        raise BadRow("is not UTF-8: save the sheet as CSV UTF-8", "不是 UTF-8 编码,请另存为 CSV UTF-8") from None
    except (csv.Error, ValueError) as error:
        raise BadRow(f"is not CSV: {error}", "不是有效的 CSV") from error
    wanted = len(names) or len(cells)
    if len(cells) != wanted:
        raise BadRow(f"has {len(cells)} columns, not {wanted}", f"有 {len(cells)} 列,应为 {wanted} 列")
    return [cell.strip() for cell in cells]


def number_of(record: Mapping[str, str], name: str) -> float:
    """Raises `BadRow` for a cell that is no finite number."""
    try:
        number = float(record[name])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadRow(f"{name}: {record[name][:40]} is no number", f"{name}:{record[name][:40]} 不是数字")
    return number


def report_path(file: Path, wanted: Path | None) -> Path:
    """Where the report of this file goes: the path that is wanted, else beside whoever imports it."""
    return wanted or Path(f"{file.name}.rejected.csv")


def add_to_report(path: Path, rejected: Iterable[Rejected]) -> None:
    """Adds these rows to the report, which begins with the first."""
    rows = sorted(rejected)
    if not rows:
        return
    head = [] if path.exists() else [("line", "reason", "原因")]
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*head, *rows])
