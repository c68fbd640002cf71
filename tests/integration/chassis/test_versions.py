"""The version that an answer names is the one that the save leaves in the database."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chassis.context import Context
from chassis.ids import uuid7
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.data_source import DataSource
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer
from chassis.usecases.records import change, create, put, state_answer, step_answer
from tests.integration.chassis.sample import Board


def renamed(board: Board) -> None:
    board.name = "y"


def same(board: Board) -> None:
    board.name = str(board.name)


def counted(board: Board) -> None:
    board.add(3)


@pytest.fixture
def data(source: DataSource) -> TenantData:
    tenant = f"t{uuid.uuid4().hex[:8]}"
    return source.of(Context(tenant=tenant, actor="tester", now=source.clock.now(), correlation_id=uuid7()))


def blank(data: TenantData, key: str = "A") -> Board:
    return Board(id=Board.identity(data.context.tenant, key), tenant=data.context.tenant, name="x")


@pytest.mark.parametrize("answer", [state_answer, step_answer])
@pytest.mark.parametrize(
    ("act", "writes"),
    [(counted, 1), (renamed, 1), (same, 0)],
    ids=["with an event", "without an event", "nothing changed"],
)
def test_an_answer_names_the_version_that_its_save_leaves(
    data: TenantData, act: Callable[[Board], None], writes: int, answer: Callable[[Aggregate], Answer]
) -> None:
    made: dict[str, Any] = create(data, Board, lambda _: blank(data), answer)
    assert made["version"] == data.get(Board, "A").version == 1
    acted = change(data, Board, "A", act, answer)
    assert acted["version"] == data.get(Board, "A").version == 1 + writes


@pytest.mark.parametrize("answer", [state_answer, step_answer])
def test_what_is_put_first_has_version_1_and_what_is_only_read_its_own(
    data: TenantData, answer: Callable[[Aggregate], Answer]
) -> None:
    assert put(data, blank(data, "B"), renamed, answer)["version"] == data.get(Board, "B").version == 1
    assert answer(data.get(Board, "B"))["version"] == 1
