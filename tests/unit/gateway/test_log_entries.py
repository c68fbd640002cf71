"""Whatever lies in a tenant's log, a client gets one well-formed event or nothing."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import pytest

from chassis.security.principal import Principal
from gateway import metrics
from gateway.events import entries
from gateway.events.log_reader import Entry
from gateway.events.routes import Filter, text_of
from vocabulary.roles import Role

TYPE = "linli.cases.case.dispatched.v1"
KEY = "wuhai.cases.case.dispatched.v1"
ALL = Filter((), "")
EVERY_ROLE = Principal(tenant="wuhai", subject="u", roles=frozenset(Role), area="/15/", unit="water")
RESIDENT = Principal(tenant="wuhai", subject="u-hai", roles=frozenset({Role.RESIDENT}))
STAFF = {"audience": "staff", "persons": ["u-hai"]}
EVENT = {
    "id": "e",
    "type": TYPE,
    "tenant": "wuhai",
    "subject": "case-1",
    "time": "2026-03-01T09:00:00Z",
    "sequence": 1,
    "area": "/15/",
    "visibility": STAFF,
    "data": {"case": {"id": "case-1", "about": "water", "units": ["water"]}},
}


def entry(key: str = KEY, offset: int = 7, **more: Any) -> Entry:
    return Entry("wuhai", offset, 1, key, msgspec.json.encode(EVENT | more))


def text(given: Entry, by: Principal = EVERY_ROLE) -> bytes:
    return text_of(given, ALL, by)


def test_an_event_is_shown_with_its_offset_and_the_name_of_its_type() -> None:
    number, name, data, *rest = text(entry()).split(b"\n")
    assert (number, name, rest) == (b"id: 7", b"event: cases.case.dispatched.v1", [b"", b""])
    assert msgspec.json.decode(data.removeprefix(b"data: "))["subject"] == "case-1"


@pytest.mark.parametrize(
    "kind",
    [
        'linli.cases.case.x\nevent: org.user.disabled.v1\ndata: {"forged":1}\n\nid: 99999999\nevent: y',
        "linli.cases.case.x\revent: org.user.disabled.v1",
        f"{TYPE}\n",
        f"{TYPE}\r",
        f" {TYPE}",
        "linli.cases.case.dispatched",
        "linli.cases..dispatched.v1",
        "linli.cases.case.dispatched.v١",
        "linli.",
        "",
    ],
)
def test_an_event_whose_type_has_not_the_form_of_a_type_is_hidden(kind: str) -> None:
    assert text(entry(f"wuhai.{kind.removeprefix('linli.')}", type=kind)) == b""


@pytest.mark.parametrize(
    ("key", "more"),
    [
        (KEY, {"type": "linli.org.user.disabled.v1"}),
        (KEY, {"tenant": "yaan"}),
        ("yaan.cases.case.dispatched.v1", {"tenant": "yaan"}),
        (KEY, {"type": "cases.case.dispatched.v1"}),
        (f"cases.{KEY}", {}),
        (f".{KEY}", {}),
        ("log.wuhai", {}),
        ("", {}),
    ],
)
def test_an_event_that_came_under_another_key_than_its_own_is_hidden(key: str, more: dict[str, Any]) -> None:
    assert text(entry(key, **more)) == b""


@pytest.mark.parametrize("field", ["internal", "staff_only"])
@pytest.mark.parametrize("by", [EVERY_ROLE, RESIDENT], ids=["staff", "resident"])
@pytest.mark.parametrize(
    ("data", "path"),
    [
        ("x", "a.b"),
        ("x", "a"),
        ([], "a"),
        (None, "a"),
        (EVENT["data"], "case."),
        (EVENT["data"], ".case"),
        (EVENT["data"], "case..about"),
        (EVENT["data"], ".."),
        (EVENT["data"], ""),
        (EVENT["data"], "case about"),
        (EVENT["data"], "case.about\n"),
        (EVENT["data"], "case.units.name"),
        (EVENT["data"], "case.id.name"),
        (EVENT["data"], "cases.about"),
        ({"case": None}, "case.about"),
        ({"case": [{"about": "water"}]}, "case.about"),
    ],
)
def test_an_event_of_which_it_is_not_certain_what_to_leave_out_is_hidden(
    data: Any, path: str, by: Principal, field: str
) -> None:
    assert text(entry(data=data, visibility=STAFF | {field: [path]}), by) == b""


@pytest.mark.parametrize("data", ["x", [], 1, None])
def test_an_event_whose_data_are_no_object_is_hidden(data: Any) -> None:
    assert text(entry(data=data)) == b""


def test_a_field_that_is_to_be_left_out_may_be_absent_or_inside_another() -> None:
    hidden = {"internal": ["case.handler", "case"], "staff_only": ["inspector", "case.about"]}
    for by in (EVERY_ROLE, RESIDENT):
        assert b'"data":{}' in text(entry(visibility=STAFF | hidden), by)


def test_an_entry_that_is_no_event_is_counted_and_logged_once_without_its_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    entries._report_once.cache_clear()
    before = metrics.refused_entries._value.get()
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            text(entry(offset=5, type="secret"))
            text(entry(offset=6, sequence="secret"))
    assert metrics.refused_entries._value.get() == before + 2
    assert [record.args for record in caplog.records] == [("wuhai", 5), ("wuhai", 6)]
    assert "secret" not in caplog.text
