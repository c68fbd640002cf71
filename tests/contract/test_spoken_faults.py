"""What is wrong with a field is said in names and local times: no code stands in a fault, unless its reader typed it.

A value comes into a fault as a placeholder with a kind (`spoken_fault`). What an f-string puts in at once is a number,
a word of that language, or what the reader is to type.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from chassis import sentences
from chassis.errors import spoken_fault
from tests.contract.test_chinese_problems import ROOT, SPOKEN, placeholders

#: Read by operators and authors of files, whom rows, columns and headers are named.
TOLD_TO_OPERATORS = {"chassis/csv_table.py", "chassis/envelope.py", "chassis/settings.py"}
#: Words in the language of the fault, and bounds.
WORDS = re.compile(r".*\.(?:en|zh)|(?:\w+_)?(?:en|zh)|plain\(\w+(?:\.\w+)*\)|_?[A-Z][A-Z_]+(?:\[.*\])?")
NUMBERS = {"len(code)", "line", "number", "points", "rules.max_days"}
#: Codes that the reader is to type into the field, and what a library says of a shape.
TYPED = {
    ("chassis/errors.py", "', '.join(codes)"), ("chassis/errors.py", "'、'.join(codes)"),
    ("chassis/errors.py", "codes[0]"), ("chassis/validation.py", "point"),
    ("services/org/divisions/model/codes.py", "expected"),
    ("services/org/divisions/model/geometry.py", "error"), ("services/org/divisions/model/geometry.py", "explained"),
    ("services/org/divisions/model/geometry.py", "where"),
    ("services/org/divisions/model/geometry.py", "_FLAWS.get(flaw, '边线有误')"),
    ("gateway/api/endpoint.py", "'、'.join(unknown)"), ("gateway/api/endpoint.py", "'、'.join(known)"),
}  # fmt: skip


def sources() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("chassis", "services", "gateway"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            if (place := str(file.relative_to(ROOT))) not in TOLD_TO_OPERATORS:
                yield place, ast.parse(file.read_text())


def put_in() -> Iterator[tuple[str, str]]:
    """The file, and what each f-string puts into a text of a fault; the first element is the field."""
    for place, source in sources():
        for node in ast.walk(source):
            texts: list[ast.expr] = []
            match node:
                case ast.Tuple(elts=[_, *texts]) | ast.Call(func=ast.Name(id="spoken_fault"), args=[_, *texts]):
                    pass
            for text in texts:
                if isinstance(text, ast.JoinedStr):
                    values = [each.value for each in text.values if isinstance(each, ast.FormattedValue)]
                    yield from ((place, ast.unparse(value)) for value in values)


def test_an_f_string_puts_no_code_into_a_fault() -> None:
    found = list(put_in())
    assert len(found) > 30
    assert [
        each for each in found if not WORDS.fullmatch(each[1]) and each[1] not in NUMBERS and each not in TYPED
    ] == []


def spoken_faults() -> Iterator[tuple[str, set[str], dict[str, str]]]:
    """Each function with spoken faults: their values, and the placeholders of the texts that it holds."""
    for place, source in sources():
        for function in (each for each in ast.walk(source) if isinstance(each, ast.FunctionDef)):
            nodes = list(ast.walk(function))
            calls = [
                each
                for each in nodes
                if isinstance(each, ast.Call) and ast.unparse(each.func) in ("spoken_fault", "say")
            ]
            texts = [each.value for each in nodes if isinstance(each, ast.Constant) and isinstance(each.value, str)]
            named: dict[str, str] = {}
            for text in (each for each in texts if re.search(r"\{\w+:[a-z]+\}", each)):
                named |= placeholders(text)
            if calls or named:
                values = {str(keyword.arg) for call in calls for keyword in call.keywords}
                yield f"{place}:{function.name}", values, named


def test_every_placeholder_of_a_spoken_fault_has_a_value_and_a_kind_that_is_said() -> None:
    found = [each for each in spoken_faults() if each[1]]
    assert len(found) > 20
    assert [(place, named.keys() - values) for place, values, named in found if not named.keys() <= values] == []
    # `en` and `zh`: a text that is a part of another one, in its language
    kinds = [(place, named[name]) for place, _, named in found for name in named.keys() - {"en", "zh"}]
    assert [each for each in kinds if each[1] not in SPOKEN] == []


class City:
    """Knows one unit, and the hour of China in November."""

    def name(self, kind: str, code: str, language: str) -> str:
        return {("unit", "water", "zh-CN"): "区水务局", ("unit", "water", "en"): "Water Authority"}.get(
            (kind, code, language), ""
        )

    def time(self, moment: Any, language: str) -> str:
        return "11月29日 10:05" if language == "zh-CN" else "29 Nov, 10:05"


SAID = "Water Authority, “gas” until 29 Nov, 10:05: “x{y:unit}”", "区水务局、“gas”至11月29日 10:05：“x{y:unit}”"
UNSAID = "water, gas until 2026-11-29T02:05Z: “x{y:unit}”", "water、gas至2026-11-29T02:05Z：“x{y:unit}”"


@pytest.mark.parametrize(("words", "texts"), [(City(), SAID), (None, UNSAID)])
def test_a_fault_reads_with_names_where_somebody_knows_them(
    words: sentences.Words | None, texts: tuple[str, str]
) -> None:
    told = "{units:unit} until {at:time}: {typed:verbatim}", "{units:unit}至{at:time}：{typed:verbatim}"
    fault = spoken_fault("f", *told, units=["water", "gas"], at="2026-11-29T02:05Z", typed="x{y:unit}")
    assert tuple(sentences.said(text, words) for text in fault[1:]) == texts
