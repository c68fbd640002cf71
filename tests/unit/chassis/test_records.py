"""The kit of the use cases: a record that the caller does not see is for every function one that does not exist."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis.context import Call, Context, Received
from chassis.envelope import Envelope
from chassis.errors import Invalid, NotFound, Oversized, Problem, Stale, Taken
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.usecases.records import change, found, get, named, put
from chassis.usecases.visibility import Visible, VisibleToTenant

_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_SEER, _STRANGER = (Principal(tenant="wuhai", subject=subject, roles=frozenset()) for subject in ("seer", "stranger"))
_OF_NOBODY: dict[str, Any] = {"tenant": "wuhai", "actor": "system:sample", "now": _NOW, "correlation_id": "c"}


class Note(Visible):
    def seen_by(self, by: Principal) -> bool:
        return by.subject == "seer"


class Unsaid(Visible):
    """A record without a visibility rule."""


class Ruleless(Aggregate):
    """An aggregate that does not even have a place for the rule."""


class Open(VisibleToTenant):
    """A record that everyone in the tenant may know."""


class OneRecord:
    """Stub: a tenant's data with the record "K1" of every model; `fault` is raised before the record is acted on.

    `arriving`: the key of a record that another process creates next.
    """

    def __init__(self, context: Context, fault: Problem | None = None) -> None:
        self.context, self.fault, self.acted = context, fault, 0
        self.keys, self.arriving = {"K1"}, ""

    def get(self, model: type[Any], key: str) -> Any:
        if key not in self.keys:
            raise NotFound()
        return model(id=f"wuhai:{key}", tenant="wuhai")

    def create(self, model: type[Any], build: Callable[[str], Any], answer: Callable[[Any], Any]) -> Any:
        document = build("K9")
        self.keys.add(self.arriving)
        if document.key in self.keys:
            raise Taken(key=document.key)
        self.acted += 1
        return answer(document)

    def change(self, model: type[Any], key: str, act: Callable[[Any], Any]) -> Any:
        document = self.get(model, key)
        if self.fault:
            raise self.fault
        answer = act(document)
        self.acted += 1
        return answer


def call_of(principal: Principal) -> Call:
    return Call(tenant="wuhai", actor=principal.subject, now=_NOW, correlation_id="c", principal=principal)


def data_of(context: Context, fault: Problem | None = None) -> tuple[TenantData, OneRecord]:
    stub = OneRecord(context, fault)
    return cast(TenantData, stub), stub


def outcome(use: Callable[[], Any]) -> Any:
    try:
        return use()
    except Problem as problem:
        return type(problem), str(problem)


def uses(data: TenantData, model: Any, key: str) -> list[Any]:
    return [
        outcome(use)
        for use in (
            lambda: get(data, model, key).key,
            lambda: found(data, model, key),
            lambda: named(data, model, key, "note").key,
            lambda: change(data, model, key, lambda document: None)["id"],
        )
    ]


@pytest.mark.parametrize(("model", "principal"), [(Note, _STRANGER), (Unsaid, _SEER), (Ruleless, _SEER)])
def test_a_record_that_the_caller_does_not_see_is_used_like_an_unknown_id(
    model: type[Aggregate], principal: Principal
) -> None:
    data, stub = data_of(call_of(principal))
    assert uses(data, model, "K1") == uses(data, model, "unknown")
    assert [answer and answer[0] for answer in uses(data, model, "K1")] == [NotFound, None, Invalid, NotFound]
    assert not stub.acted


@pytest.mark.parametrize("fault", [Stale(version=3), Oversized(reason="its events do not reach the broker")])
def test_why_a_record_cannot_be_changed_is_said_to_those_who_see_it(fault: Problem) -> None:
    with pytest.raises(type(fault)):
        change(data_of(call_of(_SEER), fault)[0], Note, "K1", lambda document: None)
    with pytest.raises(NotFound):
        change(data_of(call_of(_STRANGER), fault)[0], Note, "K1", lambda document: None)


def put_at(data: TenantData, key: str) -> Any:
    return outcome(lambda: put(data, Note(id=f"wuhai:{key}", tenant="wuhai"), lambda document: None)["id"])


def test_a_put_does_not_tell_that_a_record_exists_which_the_caller_does_not_see() -> None:
    data, stub = data_of(call_of(_STRANGER))
    assert put_at(data, "K1") == outcome(lambda: change(data, Note, "K1", lambda document: None))
    assert not stub.acted


def test_a_put_creates_the_record_or_changes_it() -> None:
    data, stub = data_of(call_of(_SEER))
    assert (put_at(data, "K1"), put_at(data, "new")) == ("K1", "new")
    assert stub.acted == 2


@pytest.mark.parametrize(("principal", "answer"), [(_SEER, "K2"), (_STRANGER, (NotFound, str(NotFound())))])
def test_a_put_changes_what_another_process_creates_meanwhile(principal: Principal, answer: Any) -> None:
    data, stub = data_of(call_of(principal))
    stub.arriving = "K2"
    assert put_at(data, "K2") == answer


def test_who_sees_a_record_uses_it() -> None:
    data, stub = data_of(call_of(_SEER))
    assert get(data, Note, "K1").key == named(data, Note, "K1", "note").key == "K1"
    assert found(data, Note, "K1") is not None
    assert change(data, Note, "K1", lambda document: None)["id"] == "K1"
    assert stub.acted == 1


def test_a_record_that_the_whole_tenant_may_know_is_there_for_everybody() -> None:
    data, _ = data_of(call_of(_STRANGER))
    assert get(data, Open, "K1").key == "K1"
    assert change(data, Open, "K1", lambda document: None)["id"] == "K1"


def test_events_and_timers_see_every_record() -> None:
    envelope = cast(Envelope, SimpleNamespace(id="e1"))
    for context in (Context(**_OF_NOBODY), Received(**_OF_NOBODY, envelope=envelope)):
        data, _ = data_of(context)
        assert get(data, Unsaid, "K1").key == "K1"
        assert change(data, Unsaid, "K1", lambda document: None)["id"] == "K1"
