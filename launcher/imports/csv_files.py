"""CSV import: cells of a row, and the report of rejected rows."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple


class BadRow(Exception):
    """A rejected row. `en`, `zh`: why."""

    def __init__(self, en: str, zh: str) -> None:
        self.en, self.zh = en, zh
        super().__init__(en)


class Rejected(NamedTuple):
    """A rejected row in the report: its line in the file, and the reason in English and Chinese."""

    line: int
    en: str
    zh: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Rejected:
        """From an API answer: `{line, reason: {en, zh-CN}}`."""
        return cls(row["line"], row["reason"]["en"], row["reason"]["zh-CN"])


def cells_of(text: bytes, names: Sequence[str] = ()) -> list[str]:
    """Returns the cells of one row, one per column in `names` if given. Raises `BadRow`."""
    if text.count(b'"') % 2:
        raise BadRow("a quotation mark is not closed", "引号未闭合")
    try:
        [cells] = csv.reader(io.StringIO(text.decode(), newline=""), strict=True)
    except UnicodeDecodeError:
        raise BadRow("is not UTF-8; save the sheet as CSV UTF-8", "不是 UTF-8 编码，请另存为 CSV UTF-8") from None
    except (csv.Error, ValueError) as error:
        raise BadRow(f"is not CSV: {error}", "不是有效的 CSV") from error
    expected = len(names) or len(cells)
    if len(cells) != expected:
        raise BadRow(f"has {len(cells)} columns, not {expected}", f"有 {len(cells)} 列，应为 {expected} 列")
    return [cell.strip() for cell in cells]


def number_of(record: Mapping[str, str], name: str) -> float:
    """Returns the number in a cell. Raises `BadRow` unless it is finite."""
    try:
        number = float(record[name])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadRow(f"{name}: {record[name][:40]} is not a number", f"{name}：{record[name][:40]} 不是数字")
    return number


def report_path(file: Path, chosen: Path | None) -> Path:
    """Returns the path of the report: the chosen one, or one in the current directory."""
    return chosen or Path(f"{file.name}.rejected.csv")


def add_to_report(path: Path, rejected: Iterable[Rejected]) -> None:
    """Appends these rows to the report, which is created with the first."""
    rows = sorted(rejected)
    if not rows:
        return
    head = [] if path.exists() else [("line", "reason", "原因")]
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*head, *rows])
