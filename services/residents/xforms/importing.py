"""Reader of an XLSForm that others made: its questions become those of a form where the dictionary has their fields.

What has no counterpart here, such as a computed question, is named, all at once: half a form would ask something else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from chassis.errors import Fault, Invalid
from chassis.validation import convert
from services.residents.api.forms import NewTemplate, OnlyIf, Question
from services.residents.dictionary.model import CODED, Field
from services.residents.xforms.workbook import SUBJECT, Row, Workbook

_KINDS = {
    "text": ("text",), "string": ("text",), "integer": ("whole",), "int": ("whole",), "decimal": ("decimal",),
    "date": ("date",), "select_one": ("choice",), "select_multiple": ("choices",),
}  # fmt: skip
#: Rows that ask nothing and say nothing that a form here would lose.
_SILENT = {"", "start", "end", "today", "deviceid", "username", "note"}
_BEGINS, _ENDS = {"begin_group", "begin group"}, {"end_group", "end group"}
#: Of a file that are told at once.
_MOST_FAULTS = 200
_LIMIT = re.compile(r"\s*\.\s*(>=|<=)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*")
_SELECTED = re.compile(r"\s*(?:selected\(\s*\$\{([^}]+)\}\s*,\s*'([^']+)'\s*\)|\$\{([^}]+)\}\s*=\s*'([^']+)')\s*")
_TEXT_LIMIT = re.compile(r"\s*string-length\(\s*\.\s*\)\s*<=?\s*\d+\s*")
_YES = {"yes", "true", "true()"}


def read_form(book: Workbook, about: str, minutes: int, known: Iterable[Field]) -> NewTemplate:
    """Returns the form. `known`: the fields of the dictionary. Raises `Invalid` with every row that it cannot take."""
    settings = book["settings"][0] if book["settings"] else {}
    title = (settings.get("form_title") or settings.get("title") or "XLSForm")[:80]
    reading = _Reading(book, title, [each for each in known if each.about == about and not each.retired])
    questions = list(reading.questions())
    if not questions and not reading.faults:
        reading.faults.append(("survey", "it has no questions", "没有问题"))
    if reading.faults:
        raise Invalid(*reading.faults[:_MOST_FAULTS])
    read = {"title": title, "about": about, "minutes": minutes, "questions": msgspec.to_builtins(questions)}
    form: NewTemplate = convert(read, NewTemplate)
    return form


class _Reading:
    """One pass over the survey."""

    def __init__(self, book: Workbook, title: str, known: list[Field]) -> None:
        self.faults: list[Fault] = []
        self._title = title
        self._survey = book["survey"]
        self._lists: dict[str, set[str]] = {}
        for row in book["choices"]:
            name = row.get("list_name", row.get("list name", ""))
            self._lists.setdefault(name, set()).add(row.get("name", row.get("value", "")))
        self._by_code = {each.key: each for each in known}
        self._known = known
        #: Those found so far, by the name that the file gives the question.
        self._fields: dict[str, Field] = {}

    def questions(self) -> Iterator[Question]:
        sections: list[str] = []
        for line, row in enumerate(self._survey, 2):
            kind = " ".join(row.get("type", "").split())
            at = f"survey.{line}"
            if kind in _BEGINS:
                sections.append(_label(row))
            elif kind in _ENDS:
                del sections[-1:]
            elif kind not in _SILENT and row.get("name") != SUBJECT:
                yield from self._question(row, kind, sections[-1] if sections else "", at)

    def _question(self, row: Row, kind: str, section: str, at: str) -> Iterator[Question]:
        word, _, listed = kind.partition(" ")
        field = self._field_of(row, _KINDS.get(word, ()), listed.partition(" ")[0])
        if field is None:
            name = f"{row.get('name', '')} {_label(row)}".strip()[:80]
            self._refuse(at, f"no field of the dictionary matches: {name}", f"数据项字典中没有对应的数据项：{name}")
            return
        self._fields[row["name"]] = field
        limits = self._limits(row, at)
        only_if = self._only_if(row, at)
        required = row.get("required", "").strip().casefold() in _YES
        # A group that is named like the form holds what is in no section.
        within = "" if section == self._title else section[:64]
        yield Question(field=field.key, section=within, required=required, only_if=only_if, **limits)

    def _field_of(self, row: Row, kinds: tuple[str, ...], listed: str) -> Field | None:
        """Returns the field of this code, or else the only one of this name, whose values are of the same kind."""
        name, labels = row.get("name", ""), set(_labels(row))
        same = [self._by_code[name]] if name in self._by_code else []
        same = same or [each for each in self._known if {each.zh, each.en} & labels]
        found = [each for each in same if each.kind in kinds and self._offers(each, listed)]
        return found[0] if len(found) == 1 and name else None

    def _offers(self, field: Field, listed: str) -> bool:
        return field.kind not in CODED or {each.code for each in field.choices} >= self._lists.get(listed, {""})

    def _limits(self, row: Row, at: str) -> Mapping[str, float]:
        limits: dict[str, float] = {}
        for part in filter(None, row.get("constraint", "").split(" and ")):
            found = _LIMIT.fullmatch(part)
            if found:
                limits["least" if found[1] == ">=" else "most"] = float(found[2])
            elif not _TEXT_LIMIT.fullmatch(part):
                self._refuse(at, "its constraint is more than two limits of a number", "约束条件不是数字上下限")
        return limits

    def _only_if(self, row: Row, at: str) -> OnlyIf | None:
        relevant = row.get("relevant", "")
        found = [_SELECTED.fullmatch(part) for part in relevant.split(" or ")] if relevant else []
        pairs = [(each[1] or each[3], each[2] or each[4]) for each in found if each]
        if not found:
            return None
        names = {name for name, _ in pairs}
        if len(pairs) < len(found) or len(names) != 1 or not names <= self._fields.keys():
            self._refuse(at, "its condition is more than a choice of an earlier question", "显示条件不是前面某题的选项")
            return None
        return OnlyIf(field=self._fields[names.pop()].key, among=tuple(code for _, code in pairs))

    def _refuse(self, at: str, en: str, zh: str) -> None:
        self.faults.append((at, en, zh))


def _labels(row: Row) -> list[str]:
    return [text for column, text in row.items() if column.partition("::")[0].strip() == "label"]


def _label(row: Row) -> str:
    return next(iter(_labels(row)), "")
