"""Whoever holds a post now is found, however many held it before."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.clock import SystemClock
from chassis.persistence.collections import TenantCollections
from chassis.persistence.data_source import DataSource
from chassis.persistence.outbox_relay import OutboxRelay
from chassis.persistence.tenant_data import TenantData
from services.org.posts.holders import holders
from services.org.posts.model.assignment import Assignment
from services.org.users.principals import current_assignments
from tests.servers.site import Site

LONG_AGO = datetime.now(UTC) - timedelta(days=4000)


@pytest.fixture
def data(site: Site) -> Iterator[TenantData]:
    own = site.service_settings("org")
    collections = TenantCollections(own.mongodb_uri, own.database, {}, own.write_concern, [Assignment])
    yield DataSource(
        "org", collections, OutboxRelay(own.amqp_uri, collections, SystemClock()), SystemClock()
    ).as_system("wuhai")
    collections.close()


def held(number: int, *, ended: bool) -> dict[str, Any]:
    start = LONG_AGO + timedelta(days=number)
    of = {"post": "p", "subject": "u", "duty": "d", "area": "/1503/", "unit": "x", "tenant": "wuhai", "version": 1}
    row = {"_id": f"wuhai:{number}", "valid_from": start, "ended": ended, **of}
    return row | ({"valid_until": start + timedelta(days=1)} if ended else {})


@pytest.mark.parametrize("ended", [True, False])
def test_every_current_assignment_is_found(data: TenantData, ended: bool) -> None:
    many = 520
    rows = data._collection(Assignment).pymongo
    rows.insert_many([*(held(number, ended=ended) for number in range(many)), held(many, ended=False)])
    for found in (holders(data, "p"), current_assignments(data, "u")):
        assert found[-1].key == f"{many}"
        assert len(found) == (1 if ended else many + 1)
