"""Values at the edge, in every field of every form: a moment is bounded, and a text can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.types import BLANKS, NOT_BLANK, UNSHOWN, Form, SomeText, is_blank
from chassis.validation import faults_of
from gateway.api import schema
from gateway.auth.routes import SignUp
from gateway.events.routes import EventFilter
from tests.contract.test_gateway_operations import CHECKED_AS_A_WHOLE, EVERY, forms_of, method_of

MOMENTS = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+08:00", "0001-01-01T00:00:00-08:00", "1899-12-31T23:59:59Z",
    "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-08:00", "0000-01-01T00:00:00Z",
    "2026-01-01T00:00:00", "2026-01-01", "0", "-1", "1e9", "253402300800", "nan", "9" * 5000, "",
)  # fmt: skip
DAYS = ("0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "0000-01-01", "0", "9" * 5000, "")
HIDDEN = ("a\x00b", "\u202egnp.exe", "a\u2066b", "\x1b[2J", "a\x85b")
#: Secrets, which nobody reads; rows that are checked one by one; and settings, which are checked as a whole.
ELSEWHERE = {"password", "old", "new", "DivisionRows.rows", "TenantOpening.settings"}


@cache
def forms() -> list[type[Form]]:
    """Every form that a command or query takes, the query of every list, and the gateway's own."""
    checked = (operation for operation in EVERY if operation.method not in CHECKED_AS_A_WHOLE)
    taken = [form for operation in checked for form in forms_of(method_of(operation)).values()]
    return list(dict.fromkeys([*taken, *(schema.query_of(operation) for operation in EVERY), SignUp, EventFilter]))


def fields(kind: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yields each field of a form that holds no others, by its path, with its type."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        for field in msgspec.structs.fields(kind):
            if not {field.name, f"{kind.__name__}.{field.name}"} & ELSEWHERE:
                yield from fields(field.type, f"{path}.{field.name}".lstrip("."))
    elif get_origin(kind) is Annotated and not get_args(get_args(kind)[0]):
        yield path, kind
    elif get_origin(kind) is dict:
        return  # GeoJSON and cursors have a reader of their own
    elif parts := [
        part for part in get_args(kind) if part not in (NoneType, ...) and not isinstance(part, msgspec.Meta)
    ]:
        for part in parts:
            yield from fields(part, path)
    else:
        yield path, kind


def base(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def is_needed(kind: Any) -> bool:
    return any(getattr(meta, "pattern", "") == NOT_BLANK for meta in get_args(kind)[1:])


EACH = [(form, path, kind) for form in forms() for path, kind in fields(form)]


@pytest.mark.parametrize(
    ("kind", "edges"), [(datetime, MOMENTS), (date, DAYS)], ids=["moments", "days"]
)  # fmt: skip
@pytest.mark.parametrize("strict", [True, False], ids=["body", "query"])
def test_no_form_takes_a_moment_beyond_the_years_or_without_its_zone(kind: Any, edges: Any, strict: bool) -> None:
    found = [(form, path, each) for form, path, each in EACH if base(each) is kind]
    assert found
    for form, path, each in found:
        taken = [edge for edge in edges if not faults_of(edge, each, path, strict)]
        assert not taken, (form.__name__, path)


def test_no_form_takes_a_text_that_cannot_be_shown() -> None:
    taken = {
        f"{form.__name__}.{path}"
        for form, path, kind in EACH
        if base(kind) is str and any(not faults_of(text, kind) for text in HIDDEN)
    }
    assert not taken


def test_a_text_that_must_not_be_blank_holds_something_to_see() -> None:
    needed = [kind for _, _, kind in EACH if is_needed(kind)]
    assert needed
    for kind in needed:
        for blank in ("", " \n", "\u3000", "\u200b", "\ufeff", "\u2060\u00ad", "\u2800" * 4):
            assert [en for _, en, _ in faults_of(blank, kind)] == ["it must not be blank"] or len(blank) < 4


@pytest.mark.parametrize("text", ["路灯不亮", "a\u200bb", "👨‍👩‍👧", "ئۇيغۇرچە\u200f", "第一行\r\n第二行\t", "e\u0301"])
def test_what_people_write_is_taken(text: str) -> None:
    assert not faults_of(text, SomeText)


def test_a_refused_character_is_named() -> None:
    assert faults_of("a\u202eb", SomeText, "text") == [
        ("text", "it contains U+202E, which cannot be shown; remove it", "含有无法显示的字符 U+202E，请删除")
    ]


@given(st.text(max_size=30))
def test_a_text_is_blank_or_unshown_by_one_rule(text: str) -> None:
    refused = bool(faults_of(text, SomeText))
    assert refused == (is_blank(text) or UNSHOWN.search(text) is not None)
    assert is_blank(text) == all(character in BLANKS for character in text)


@pytest.mark.parametrize("count", ["9" * 5000, "-" + "9" * 5000, "1e400", "nan", "inf", str(2**63), str(2**64)])
def test_no_number_of_a_form_takes_a_value_at_the_edge(count: str) -> None:
    numbers = [(form, path, kind) for form, path, kind in EACH if base(kind) in (int, float)]
    assert numbers
    taken = {f"{form.__name__}.{path}" for form, path, kind in numbers if not faults_of(count, kind, strict=False)}
    assert not taken
    for text in (count.encode(), b"-" + count.encode()):
        try:
            number = msgspec.json.decode(text)
        except msgspec.DecodeError:
            continue
        assert not {path for _, path, kind in numbers if not faults_of(number, kind)}


def test_a_moment_is_bounded_as_a_part_of_its_form() -> None:
    from chassis.validation import convert
    from services.cases.api.imports import Import

    row = {"line": 2, "number": "1", "category": "a", "path": "/1/", "state": "CLOSED"}
    with pytest.raises(Invalid) as refused:
        convert({"source": "x", "rows": [row, row | {"reported_at": "0001-01-01T00:00:00+08:00"}]}, Import)
    assert [name for name, _, _ in refused.value.faults] == ["rows.1.reported_at"]
