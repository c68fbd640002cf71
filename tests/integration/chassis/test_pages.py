"""Pages, latest first, in the real database: each record once and in a stable order, however many share a moment."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest
from bson.datetime_ms import DatetimeMS
from mongoengine import DateTimeField, StringField

from chassis.clock import SystemClock
from chassis.context import Context
from chassis.ids import uuid7
from chassis.persistence.collections import TenantCollections
from chassis.persistence.data_source import DataSource
from chassis.persistence.outbox_relay import OutboxRelay
from chassis.persistence.tenant_data import TenantData
from chassis.types import Page
from chassis.usecases.pages import listed, newest_first
from chassis.usecases.visibility import VisibleToTenant
from tests.servers.site import Site

NOON = datetime(2026, 5, 4, 4, tzinfo=UTC)


class Meeting(VisibleToTenant):
    meta: ClassVar[dict[str, Any]] = {"collection": "meetings"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("room", "-at", "-_id")]
    room: str = StringField()
    title: str = StringField(default="")
    at: datetime = DateTimeField(required=True)


@pytest.fixture
def data(site: Site, tenant: str) -> Iterator[TenantData]:
    own = site.service_settings("cases")
    collections = TenantCollections(own.mongodb_uri, own.database, {}, own.write_concern, [Meeting])
    collections.ensure_indexes()
    source = DataSource("cases", collections, OutboxRelay(own.amqp_uri, collections, SystemClock()), SystemClock())
    yield source.of(Context(tenant=tenant, actor="tester", now=NOON, correlation_id=uuid7()))
    collections.close()


def _walk(data: TenantData, limit: int) -> Iterator[str]:
    after: Any = None
    while True:
        page = newest_first(data, Meeting, {"room": "a"}, "at", Page(after=after, limit=limit), lambda one: one.key)
        yield from page.items
        if page.next is None:
            return
        moment, key = page.next
        after = [moment.isoformat(), key]


@pytest.mark.parametrize("limit", [1, 7, 60, 200])
def test_pages_show_each_record_once_though_many_share_a_moment(data: TenantData, limit: int) -> None:
    keys = [f"{number:03}" for number in range(150)]
    random.Random(limit).shuffle(keys)
    for place, key in enumerate(keys):
        at = NOON + timedelta(hours=0 if place < 130 else place % 3)
        data.add(Meeting(id=f"{data.context.tenant}:{key}", tenant=data.context.tenant, room="a", at=at))
    stored = data.find(Meeting, {"room": "a"}, limit=1000)
    expected = [one.key for one in sorted(stored, key=lambda one: (one.at, one.key), reverse=True)]
    assert list(_walk(data, limit)) == expected


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_a_damaged_row_ends_no_page(data: TenantData, limit: int) -> None:
    tenant, meetings = data.context.tenant, data._collection(Meeting).pymongo
    keys = [f"{number:03}" for number in range(6)]
    for number, key in enumerate(keys):
        at = NOON - timedelta(hours=number)
        data.add(Meeting(id=f"{tenant}:{key}", tenant=tenant, room="a", at=at))
        odd = {"tenant": tenant, "room": "a", "version": 1, "sequence": 1, "outbox": []}
        meetings.insert_one(odd | {"_id": f"{tenant}:{key}-untitled", "title": 7, "at": at})
        # The driver writes a moment of the year 10000, and cannot read it.
        meetings.insert_one(odd | {"_id": f"{tenant}:{key}-late", "at": DatetimeMS(2**48 + number)})
    assert list(_walk(data, limit)) == keys
    after, shown = "", []
    while after is not None:
        page = listed(data, Meeting, {"room": "a"}, after, limit)
        shown += [item["id"] for item in page.items]
        after = page.next
    assert shown == keys
