"""Whatever lies in a tenant's log, a client gets one well-formed event, the notice that it was skipped, or nothing."""

from __future__ import annotations

import logging
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chassis.security.principal import Principal
from gateway import metrics
from gateway.events import entries
from gateway.events.log_reader import Entry
from gateway.events.positions import Position
from gateway.events.recent_ids import RecentIds
from gateway.events.routes import Filter, text_of
from vocabulary.roles import Role

TYPE = "linli.cases.case.dispatched.v1"
KEY = "wuhai.cases.case.dispatched.v1"
ALL = Filter((), "")
EVERY_ROLE = Principal(tenant="wuhai", subject="u", roles=frozenset(Role), area="/15/", unit="water")
RESIDENT = Principal(tenant="wuhai", subject="u-hai", roles=frozenset({Role.RESIDENT}))
STAFF = {"audience": "staff", "persons": ["u-hai"]}
EVENT = {
    "specversion": "1.0",
    "source": "/linli/cases",
    "datacontenttype": "application/json",
    "correlationid": "c",
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


#: The notice in place of an entry that cannot be read.


def is_skipped(shown: bytes, *, or_hidden: bool = False) -> bool:
    return shown.endswith(b"\nevent: skipped\ndata: {}\n\n") or (or_hidden and not shown)


def entry(key: str = KEY, offset: int = 7, **more: Any) -> Entry:
    return logged(offset, key, msgspec.json.encode(EVENT | more))


def logged(offset: int, key: str, body: bytes) -> Entry:
    return Entry("wuhai", Position.of(offset, body), 1, key, body)


def text(given: Entry, by: Principal = EVERY_ROLE) -> bytes:
    return text_of(given, ALL, by, RecentIds())


def test_a_stream_shows_an_event_once_while_it_remembers_its_id() -> None:
    recent = RecentIds(most=2)
    shown = [bool(text_of(entry(id=id_), ALL, EVERY_ROLE, recent)) for id_ in ("1", "2", "1", "2", "3", "2", "1")]
    assert shown == [True, True, False, False, True, False, True]


@pytest.mark.parametrize("first", [{"data": "broken"}, {"area": "/16/", "visibility": {"audience": "staff"}}])
def test_an_entry_that_is_not_shown_hides_no_event_with_its_id(first: dict[str, Any]) -> None:
    recent, by = RecentIds(), Principal(tenant="wuhai", subject="u", roles=frozenset({Role.STREET}), area="/15/")
    assert is_skipped(text_of(entry(**first), ALL, by, recent), or_hidden=True)
    assert text_of(entry(), ALL, by, recent) != b""


def test_an_event_of_another_type_with_the_same_id_is_another_event() -> None:
    recent, key = RecentIds(), "wuhai.org.grid.opened.v1"
    assert text_of(entry(), ALL, EVERY_ROLE, recent)
    assert text_of(entry(key, type="linli.org.grid.opened.v1"), ALL, EVERY_ROLE, recent)


def test_an_event_is_shown_with_its_position_and_the_name_of_its_type() -> None:
    number, name, data, *rest = text(entry()).split(b"\n")
    assert (number, name, rest) == (f"id: {entry().at}".encode(), b"event: cases.case.dispatched.v1", [b"", b""])
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
def test_an_event_whose_type_has_not_the_form_of_a_type_is_skipped(kind: str) -> None:
    assert is_skipped(text(entry(f"wuhai.{kind.removeprefix('linli.')}", type=kind)))


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
def test_an_event_that_came_under_another_key_than_its_own_is_skipped(key: str, more: dict[str, Any]) -> None:
    assert is_skipped(text(entry(key, **more)))


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
def test_an_event_of_which_it_is_not_certain_what_to_leave_out_is_skipped(
    data: Any, path: str, by: Principal, field: str
) -> None:
    assert is_skipped(text(entry(data=data, visibility=STAFF | {field: [path]}), by))


@pytest.mark.parametrize(
    "more",
    [{"specversion": "0.3"}, {"datacontenttype": "text/plain"}, {"time": "9 o'clock"}, {"sequence": -1}, {"source": 1}],
)
def test_an_event_that_a_consumer_would_refuse_is_skipped(more: dict[str, Any]) -> None:
    assert is_skipped(text(entry(**more)))


@pytest.mark.parametrize("data", ["x", [], 1, None])
def test_an_event_whose_data_are_no_object_is_skipped(data: Any) -> None:
    assert is_skipped(text(entry(data=data)))


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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.text() | st.sampled_from(["wuhai", "yaan", "u", "water", "/15/", TYPE])
PATHS = st.lists(st.text() | st.sampled_from(["case", "case.about", "case.", "..", "case.units.name"]), max_size=3)
VISIBILITIES = st.fixed_dictionaries(
    {"audience": st.sampled_from(["staff", "administrators"]) | st.text()},
    optional={"persons": st.lists(WORDS), "excluded": WORDS, "staff_only": PATHS, "internal": PATHS},
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=3)
TYPES = st.builds("{}{}".format, st.sampled_from(["linli.", TYPE, ""]), st.text())
#: Fields of the right kind, so that many of the events are shown.
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "id": WORDS,
    "type": st.just(TYPE) | TYPES,
    "tenant": st.just("wuhai") | WORDS,
    "subject": WORDS,
    "time": st.just("2026-03-01T09:00:00Z") | WORDS,
    "sequence": st.integers(-(2**63), 2**63 - 1),
    "area": st.just("/15/") | WORDS,
    "units": st.lists(WORDS),
    "visibility": VISIBILITIES,
    "correlationid": WORDS,
    "data": st.just(EVENT["data"]) | OBJECTS,
}
ENVELOPES = st.fixed_dictionaries({}, optional=FIELDS) | st.fixed_dictionaries(
    {}, optional={name: values | JSON for name, values in FIELDS.items()}
)
OFFSETS = st.integers(0, 2**63 - 1)


@given(body=st.binary(), key=st.just(KEY) | st.text(), offset=OFFSETS)
@example(body=b"[" * 100_000, key=KEY, offset=0)
@example(body=msgspec.json.encode(EVENT).replace(b"case-1", b"\xff\xfe"), key=KEY, offset=0)
@example(
    body=msgspec.json.encode(EVENT | {"data": "?"}).replace(b'"?"', b"[" * 5_000 + b"]" * 5_000), key=KEY, offset=0
)
@example(body=msgspec.json.encode(EVENT | {"data": "?"}).replace(b'"?"', b'{"a":1e999}'), key=KEY, offset=0)
@example(body=msgspec.json.encode(EVENT).replace(b"case-1", rb"\ud800"), key=KEY, offset=0)
def test_any_bytes_give_one_event_or_nothing(body: bytes, key: str, offset: int) -> None:
    _assert_one_event_or_nothing(logged(offset, key, body))


@given(more=ENVELOPES, own_key=st.booleans(), offset=OFFSETS, cut=st.none() | st.integers(0, 400))
def test_any_envelope_gives_one_event_or_nothing(
    more: dict[str, Any], own_key: bool, offset: int, cut: int | None
) -> None:
    kind = more.get("type", TYPE)
    key = f"wuhai.{kind.removeprefix('linli.')}" if own_key and isinstance(kind, str) else KEY
    body = msgspec.json.encode(EVENT | more)[:cut]
    _assert_one_event_or_nothing(logged(offset, key, body))


def _assert_one_event_or_nothing(given: Entry) -> None:
    for by in (EVERY_ROLE, RESIDENT):
        shown = text(given, by)
        if shown and not is_skipped(shown):
            lines = shown.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
            names, values = zip(*(line.split(": ", 1) for line in lines[:3]), strict=True)
            assert (names, lines[3:]) == (("id", "event", "data"), ["", ""])
            assert values[0] == str(given.at)
            assert given.key == f"wuhai.{values[1]}"
            assert msgspec.json.decode(values[2])["type"] == values[1]
