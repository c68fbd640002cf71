"""What is destroyed is gone, but never with an event that nobody has got, nor over another change."""

from __future__ import annotations

import uuid

import pytest

from chassis.context import Context
from chassis.errors import NotFound
from chassis.ids import uuid7
from chassis.persistence.data_source import DataSource
from chassis.persistence.tenant_data import TenantData
from tests.integration.chassis.sample import Board


@pytest.fixture
def data(source: DataSource) -> TenantData:
    tenant = f"t{uuid.uuid4().hex[:8]}"
    return source.of(Context(tenant=tenant, actor="tester", now=source.clock.now(), correlation_id=uuid7()))


def kept(data: TenantData, key: str) -> Board:
    data.add(Board(id=Board.identity(data.context.tenant, key), tenant=data.context.tenant, name="x"))
    return data.get(Board, key)


def test_what_is_destroyed_is_gone_and_what_lies_beside_it_is_not(data: TenantData) -> None:
    kept(data, "B")
    assert data.destroy(kept(data, "A"))
    with pytest.raises(NotFound):
        data.get(Board, "A")
    assert data.get(Board, "B").name == "x"


def test_what_has_changed_since_it_was_read_stays(data: TenantData) -> None:
    read = kept(data, "A")
    data.change(Board, "A", lambda board: setattr(board, "name", "y"))
    assert not data.destroy(read)
    assert data.destroy(data.get(Board, "A"))


def test_what_has_an_event_that_is_not_published_stays(data: TenantData) -> None:
    kept(data, "A")
    data.change(Board, "A", lambda board: board.add(1))
    assert not data.destroy(data.get(Board, "A"))
    assert data.get(Board, "A").count == 1


def test_nothing_of_another_city_is_destroyed(data: TenantData, source: DataSource) -> None:
    other = source.of(Context(tenant="another", actor="tester", now=source.clock.now(), correlation_id=uuid7()))
    with pytest.raises(AssertionError):
        other.destroy(kept(data, "A"))
