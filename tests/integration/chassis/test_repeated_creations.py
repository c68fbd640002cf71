"""A repeated creation gets its first answer, whatever the rules say by now and whichever key its record has."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from chassis.context import Call, fingerprint
from chassis.errors import KeyReused, Refused, Taken
from chassis.ids import uuid7
from chassis.persistence.data_source import DataSource
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.usecases.records import change, create, step_answer
from tests.integration.chassis.sample import Board, Tally

Request = Callable[[str, str], TenantData]


class NoLonger(Refused):
    code = "sample.no_longer"
    en = "This was possible until now."
    zh = "此前可以办理。"


@pytest.fixture
def request_with(source: DataSource) -> Request:
    """The data of a request: with this idempotency key, and what it asks for."""
    tenant = f"t{uuid.uuid4().hex[:8]}"

    def of(key: str, asked: str) -> TenantData:
        by = Principal(tenant=tenant, subject="u-lan")
        return source.of(
            Call(
                tenant=tenant, actor=by.subject, principal=by, now=source.clock.now(), correlation_id=uuid7(),
                method="open", key=key, fingerprint=fingerprint("open", asked, key),
            )
        )  # fmt: skip

    return of


def opened(data: TenantData, name: str) -> Any:
    def build(_: str) -> Board:
        board = Board(id=Board.identity(data.context.tenant, name), tenant=data.context.tenant, name=name)
        board.open()
        return board

    return create(data, Board, build, step_answer)


def refused(key: str) -> Board:
    raise NoLonger


def test_a_repeated_request_gets_its_first_answer_though_a_rule_refuses_it_by_now(request_with: Request) -> None:
    first = opened(request_with("k", "A"), "A")
    change(request_with("", ""), Board, "A", lambda board: board.add(3))
    assert create(request_with("k", "A"), Board, refused, step_answer) == first
    with pytest.raises(NoLonger):
        create(request_with("another", "A"), Board, refused, step_answer)


def test_a_repeated_request_gets_its_first_answer_though_the_rule_names_another_key_by_now(
    request_with: Request,
) -> None:
    first = opened(request_with("k", "A"), "A-1")
    assert opened(request_with("k", "A"), "A-2") == first
    assert request_with("", "").count(Board, {}) == 1


def test_a_copy_that_comes_while_the_first_is_stored_gets_its_answer(request_with: Request) -> None:
    first: list[Any] = []

    def build(_: str) -> Board:
        first.append(opened(request_with("k", "A"), "A"))  # since this one looked for it
        raise NoLonger

    assert create(request_with("k", "A"), Board, build, step_answer) == first[0]


def test_another_request_for_the_same_natural_key_is_refused(request_with: Request) -> None:
    opened(request_with("k", "A"), "A")
    with pytest.raises(Taken):
        opened(request_with("another", "A"), "A")


def test_the_same_key_for_another_record_is_refused(request_with: Request) -> None:
    opened(request_with("k", "A"), "A")
    with pytest.raises(KeyReused):
        opened(request_with("k", "B"), "B")


def test_a_record_with_a_key_of_its_own_must_say_so(request_with: Request) -> None:
    data = request_with("k", "A")
    with pytest.raises(AssertionError, match="Tally"):
        create(data, Tally, lambda _: Tally(id=Tally.identity(data.context.tenant, "A"), tenant=data.context.tenant))
