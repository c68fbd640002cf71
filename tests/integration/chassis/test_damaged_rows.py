"""One odd row of the database fails alone: sweeps, timers and lists skip it, report it, and go on with the others."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import eventlet
import pytest
from bson.datetime_ms import DatetimeMS
from bson.errors import BSONError
from mongoengine import DateTimeField, EmbeddedDocumentField, EmbeddedDocumentListField, ListField, StringField

from chassis.clock import SystemClock
from chassis.persistence import tenant_data
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.collections import TenantCollections
from chassis.persistence.damaged import report
from chassis.persistence.data_source import DataSource
from chassis.persistence.fast_mapping import Mapped
from chassis.persistence.outbox_relay import OutboxRelay
from chassis.persistence.tenant_data import ALL
from chassis.persistence.typed import EmbeddedDocument
from tests.servers.site import Site

OLD = datetime.now(UTC) - timedelta(minutes=5)
ENTRY = {"id": "e", "t": OLD, "k": "wuhai.cases.reminder.made.v1", "b": b"{}"}


class Line(Mapped, EmbeddedDocument):
    text: str = StringField()


class Reminder(Aggregate):
    text: str = StringField()
    names: list[str] = ListField(StringField())
    lines: list[Line] = EmbeddedDocumentListField(Line)
    first: Line | None = EmbeddedDocumentField(Line)
    next_due_at: datetime | None = DateTimeField()

    def fire(self, now: datetime) -> None:
        if self.text == "defect":
            raise ZeroDivisionError
        if self.text == "unstorable":
            self.names = 7  # type: ignore[assignment]
        elif self.text != "stays due":
            self.text, self.next_due_at = "fired", None

    def due_at(self) -> datetime | None:
        return self.next_due_at


class Kept(OutboxRelay):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.offered: list[str] = []

    def offer(self, collection: Any, document_id: str, entries: list[dict[str, Any]]) -> None:
        self.offered += [entry["id"] for entry in entries]


@pytest.fixture
def source(site: Site) -> Iterator[DataSource]:
    own = site.service_settings("cases")
    collections = TenantCollections(own.mongodb_uri, own.database, {}, own.write_concern, [Reminder])
    collections.ensure_indexes()
    collections.note_tenant("wuhai")
    relay = Kept(own.amqp_uri, collections, SystemClock())
    report.cache_clear()
    yield DataSource("cases", collections, relay, SystemClock())
    collections.close()


def insert(source: DataSource, *rows: dict[str, Any]) -> Any:
    collection = source.collections.of("wuhai", Reminder).pymongo
    blank = {"tenant": "wuhai", "version": 1, "sequence": 1, "outbox": []}
    collection.insert_many([blank | {"_id": f"wuhai:R{number:03}"} | row for number, row in enumerate(rows)])
    return collection


BROKEN_OUTBOXES: list[Any] = [
    ENTRY,
    [{"t": OLD}],
    [ENTRY | {"k": 7}],
    [ENTRY | {"k": "x" * 256}],
    [ENTRY | {"b": "text"}],
    [ENTRY | {"id": None}],
    [7, {"t": OLD}],
]


@pytest.mark.parametrize("outbox", BROKEN_OUTBOXES)
def test_an_odd_outbox_holds_up_no_other(source: DataSource, caplog: pytest.LogCaptureFixture, outbox: Any) -> None:
    insert(source, {"outbox": outbox}, {"outbox": [ENTRY | {"id": "good"}]}, {"_id": 7, "outbox": [ENTRY]})
    for _ in range(2):
        assert source.relay.sweep() == 1
    assert source.relay.offered == ["good"] * 2  # type: ignore[attr-defined]
    told = [record.getMessage() for record in caplog.records if "outbox" in record.getMessage()]
    assert len([line for line in told if "7 of reminder" in line]) == 1


def test_an_outbox_that_cannot_be_decoded_holds_up_no_other(source: DataSource) -> None:
    collection = insert(source, {"outbox": [ENTRY | {"id": "good"}]})
    late = {"_id": "wuhai:late", "tenant": "wuhai", "outbox": [ENTRY, {"t": DatetimeMS(2**48)}]}
    collection.insert_one(late)
    assert source.relay.sweep() == 1
    assert source.relay.offered == ["good"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "odd",
    [{"names": 7}, {"names": [7]}, {"lines": 7}, {"lines": [7]}, {"first": "text"}, {"text": {"$": 1}}, {"text": 0}],
)
def test_an_odd_document_is_left_out_of_a_list_and_reported(
    source: DataSource, caplog: pytest.LogCaptureFixture, odd: dict[str, Any]
) -> None:
    insert(source, {"text": "a"}, odd, {"text": "b"})
    data = source.as_system("wuhai")
    assert [found.text for found in data.find(Reminder, {}, [("_id", 1)])] == ["a", "b"]
    assert [record.getMessage().partition(" is")[0] for record in caplog.records] == ["row wuhai:R001 of Reminder"]


def test_an_odd_row_is_left_out_of_a_list_and_reported(source: DataSource, caplog: pytest.LogCaptureFixture) -> None:
    insert(source, {"text": "a"}, {"text": 7}, {"text": "b", "names": 7}, {"_id": 7, "text": "c"}, {"text": "d"})
    rows = source.as_system("wuhai").rows(Reminder, {}, ["text", "names"], [("text", 1)])
    assert [row["text"] for row in rows] == ["a", "d"]
    assert len(caplog.records) == 3


#: The driver writes a moment of the year 10000, and cannot read it.
UNDECODABLE = {"next_due_at": DatetimeMS(2**48)}


def test_a_row_that_cannot_be_decoded_ends_no_list_and_fails_no_other_read(
    source: DataSource, caplog: pytest.LogCaptureFixture
) -> None:
    insert(source, {"text": "a"}, {"text": "b", **UNDECODABLE}, {"text": "c"}, {"text": "d"})
    data = source.as_system("wuhai")
    assert [found.text for found in data.find(Reminder, {}, [("_id", -1)], 3)] == ["d", "c", "a"]
    assert [row["text"] for row in data.rows(Reminder, {}, ["text", "next_due_at"], [("_id", 1)], 2)] == ["a", "c"]
    assert len([line for line in caplog.records if "cannot be decoded" in line.getMessage()]) == 1
    reads = {key: eventlet.spawn(data.get, Reminder, key) for key in ("R000", "R001", "R002")}
    assert [reads[key].wait().text for key in ("R000", "R002")] == ["a", "c"]
    with pytest.raises(BSONError):
        reads["R001"].wait()


@pytest.mark.parametrize("limit", [1, 2, 3, 100, ALL])
def test_damaged_rows_do_not_make_a_list_shorter_than_asked_for(source: DataSource, limit: int) -> None:
    odd = [{"text": 7}, {"text": "odd", **UNDECODABLE}]
    insert(source, *odd, {"text": "a"}, *odd, *odd, {"text": "b"}, {"text": "c"}, *odd)
    data, expected = source.as_system("wuhai"), ["a", "b", "c"][: limit or None]
    assert [found.text for found in data.find(Reminder, {}, [("_id", 1)], limit)] == expected
    rows = data.rows(Reminder, {}, ["text", "next_due_at"], [("_id", 1)], limit)
    assert [row["text"] for row in rows] == expected


def test_a_timer_that_fails_or_changes_nothing_holds_up_no_other(
    source: DataSource, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant_data, "_DUE_AT_ONCE", 20)  # so many odd ones would come first again and again
    odd = ["defect", "unstorable", "stays due"] * 50
    collection = insert(source, *({"text": text, "next_due_at": OLD} for text in [*odd, "good"]))
    with caplog.at_level(logging.ERROR):
        source.each_due(Reminder, Reminder.fire)
    assert collection.count_documents({"text": "fired"}) == 1
    assert any("wuhai" not in record.getMessage() and "R000" in record.getMessage() for record in caplog.records)


def test_a_tenant_at_which_a_timer_fails_stops_no_other(source: DataSource) -> None:
    source.collections.note_tenant("yaan")
    seen: list[str] = []

    def act(data: Any) -> None:
        seen.append(data.context.tenant)
        raise ZeroDivisionError

    source.each_tenant(act)
    assert seen == ["wuhai", "yaan"]
