"""CSV reader: a table with named columns, each of whose rows is read or refused by itself.

The grammar is RFC 4180 as the standard library reads it in strict mode: a quotation mark opens a quoted cell only as
the cell's first character, anywhere else it is a character like others; a quoted cell may hold line breaks. What the
library leaves open is decided here: encoding, delimiter, the names of columns, and where the next row begins behind
one that cannot be read.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from chassis.types import BLANKS

MOST_BYTES = 64 * 1024
"""Bytes of the longest row: an unclosed quotation mark reads no further."""
_DELIMITERS = ",;\t"
_UTF8, _CHINESE = "utf-8", "gb18030"
_REPLACED = "\ufffd"
Record: TypeAlias = Mapping[str, str]


class BadRow(Exception):
    """A row that cannot be read. `en`, `zh`: why."""

    def __init__(self, en: str, zh: str) -> None:
        self.en, self.zh = en, zh
        super().__init__(en)


class NoTable(Exception):
    """The file has not the columns that it needs. `en`, `zh`: which are missing or doubled."""

    def __init__(self, en: str, zh: str) -> None:
        self.en, self.zh = en, zh
        super().__init__(en)


class Columns(NamedTuple):
    """The columns of one kind of table; others are ignored."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """An opened file. `columns`: the kind of table that it is; `names`: of all its columns, as `plain` writes them."""

    columns: Columns
    names: tuple[str, ...]
    encoding: str
    delimiter: str
    _lines: Sequence[str]
    _first: int
    _damaged: bool

    @classmethod
    def of(cls, content: bytes, *kinds: Columns, aliases: Mapping[str, str] | None = None) -> Table:
        """Opens a file that is a table of one of the `kinds`. `aliases`: other names of columns. Raises `NoTable`."""
        text, encoding, damaged = _decoded(content)
        lines = list(io.StringIO(text, newline=""))
        heads = [_head(lines, delimiter, aliases or {}) for delimiter in _DELIMITERS]
        wanted = {name for kind in kinds for name in (*kind.needed, *kind.optional)}
        best = max(range(len(heads)), key=lambda each: len(wanted.intersection(heads[each][0])))
        names, first = heads[best]
        columns = kind_of(names, kinds, {name: other for other, name in (aliases or {}).items()})
        return cls(columns, names, encoding, _DELIMITERS[best], lines, first, damaged)

    def rows(self) -> Iterator[tuple[int, Record | BadRow]]:
        """Yields the number of the first line of each row that is not blank, and the row, or why it cannot be read."""
        at = self._first
        while at < len(self._lines):
            try:
                cells, count = _cells(self._lines, at, self.delimiter)
                if any(cells):
                    yield at + 1, self._record(cells)
            except BadRow as bad:
                yield at + 1, bad
            except _Broken as broken:
                count = self._lines_of(at, broken)
                yield at + 1, broken.told(at + 1, count)
            at += count

    def _record(self, cells: list[str]) -> Record:
        if len(cells) != len(self.names):
            raise BadRow(
                f"has {len(cells)} columns, not {len(self.names)}",
                f"有 {len(cells)} 列，应为 {len(self.names)} 列",
            )
        if self._damaged and any(_REPLACED in cell for cell in cells):
            name = self.encoding.upper()
            raise BadRow(f"is not {name}; save the sheet as CSV UTF-8", f"不是 {name} 编码，请另存为 CSV UTF-8")
        return dict(zip(self.names, cells, strict=True))

    def _lines_of(self, at: int, broken: _Broken) -> int:
        """Returns how many lines the broken row takes.

        Its mark opened by mistake if most of the lines that it swallowed are whole rows: then only its first line is
        lost. Otherwise they are the text of a cell, and no line of a text may become a row.
        """
        inside = [line for line in self._lines[at + 1 : at + broken.lines - 1] if line.strip()]
        whole = sum(_width(line, self.delimiter) == len(self.names) for line in inside)
        return 1 if 2 * whole > len(inside) or not inside else broken.lines


class _Broken(Exception):
    """A row ends badly after `lines` lines."""

    def __init__(self, lines: int, en: str, zh: str) -> None:
        self.lines, self._en, self._zh = lines, en, zh
        super().__init__(en)

    def told(self, line: int, count: int) -> BadRow:
        if count == 1:
            return BadRow(self._en, self._zh)
        last = line + count - 1
        return BadRow(f"{self._en} (lines {line} to {last})", f"{self._zh}（第 {line} 至 {last} 行）")


def plain(name: str) -> str:
    """Returns the name of a column without its writing: `Unique Key ` and `unique_key` are one."""
    return re.sub(r"[\s-]+", "_", name.strip(BLANKS).casefold())


def _decoded(content: bytes) -> tuple[str, str, bool]:
    """Returns the text, its encoding, and whether some bytes do not fit it.

    Spreadsheets in China save CSV as UTF-8 with a byte order mark, or as GB 18030. A few broken bytes in a file of
    UTF-8 do not make it one of GB 18030, in which most bytes can be read: it is UTF-8 if half of its lines are.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", "replace")
        return text, "utf-16", _REPLACED in text
    content = content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode(_UTF8), _UTF8, False
    except UnicodeDecodeError:
        lines = [line for line in content.splitlines() if not line.isascii()]
    utf8, chinese = (sum(_fits(line, each) for line in lines) for each in (_UTF8, _CHINESE))
    encoding = _UTF8 if 2 * utf8 >= len(lines) or utf8 >= chinese else _CHINESE
    text = content.decode(encoding, "replace")
    return text, encoding, _REPLACED in text


def _fits(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _head(lines: Sequence[str], delimiter: str, aliases: Mapping[str, str]) -> tuple[tuple[str, ...], int]:
    """Returns the names in the first row that is not blank, and the index of the line behind it."""
    at = next((index for index, line in enumerate(lines) if line.strip(BLANKS)), 0)
    try:
        cells, count = _cells(lines, at, delimiter) if lines else ([], 0)
    except _Broken:
        return (), at
    names = map(plain, cells)
    return tuple(aliases.get(name, name) for name in names), at + count


def kind_of(names: tuple[str, ...], kinds: tuple[Columns, ...], chinese: Mapping[str, str]) -> Columns:
    """Returns the kind of table that has these columns. `chinese`: names of columns. Raises `NoTable`."""
    kind = max(kinds, key=lambda each: len(set(names).intersection(each.needed)) - len(each.needed))
    if missing := [name for name in kind.needed if name not in names]:
        raise NoTable(
            f"the first line lacks the columns {', '.join(missing)}; it must name {', '.join(kind.needed)}",
            f"首行缺少列：{_listed(missing, chinese)}；须包含{_listed(kind.needed, chinese)}",
        )
    counts = Counter(names)
    if doubled := [name for name in (*kind.needed, *kind.optional) if counts[name] > 1]:
        raise NoTable(
            f"the first line names these columns twice: {', '.join(doubled)}",
            f"首行有重复的列：{_listed(doubled, chinese)}",
        )
    return kind


def _listed(names: Iterable[str], chinese: Mapping[str, str]) -> str:
    return "、".join(chinese.get(name, name) for name in names)


def _cells(lines: Sequence[str], at: int, delimiter: str) -> tuple[list[str], int]:
    """Returns the cells of the row that begins at this line, and its number of lines. Raises `_Broken`."""
    reader = csv.reader(_bounded(lines, at), delimiter=delimiter, strict=True)
    try:
        cells = next(reader)
    except csv.Error as error:
        if "end of data" in str(error):
            raise _Broken(reader.line_num, "a quotation mark is not closed", "引号未闭合") from None
        raise _Broken(
            reader.line_num, "a cell goes on behind its closing quotation mark", "单元格在引号闭合之后还有内容"
        ) from None
    return [cell.strip(BLANKS) for cell in cells], reader.line_num


def _bounded(lines: Sequence[str], at: int) -> Iterator[str]:
    """Yields the lines that the row at this line may take: no more than `MOST_BYTES`."""
    room = MOST_BYTES
    for index in range(at, len(lines)):
        room -= len(lines[index].encode(errors="replace"))
        if room < 0 and index == at:
            raise _Broken(1, f"is longer than {MOST_BYTES // 1024} kB", f"超过 {MOST_BYTES // 1024} kB")
        if room < 0:
            return
        yield lines[index]


def _width(line: str, delimiter: str) -> int:
    try:
        return len(next(csv.reader([line], delimiter=delimiter, strict=True)))
    except csv.Error:
        return 0
