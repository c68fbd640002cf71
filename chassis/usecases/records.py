"""Record kit of use cases: load a record, let it act, save it, and answer how it stands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from chassis.errors import Invalid, NotFound
from chassis.persistence import write_plan
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Record

A = TypeVar("A", bound=Aggregate)


def shown(document: Aggregate) -> Answer:
    """What it publishes of itself is also what it answers; `version` is the one that it will have once saved."""
    state = document.state_event()
    fields = msgspec.to_builtins(msgspec.structs.asdict(state)) if state else {}
    return {"id": document.key, **fields, "version": document.version + bool(document.pending)}


def step_answer(document: Aggregate) -> Answer:
    """Only how far it is, where its fields are not for everybody; `version` is the one that it has once saved."""
    answer: Answer = {"id": document.key, "version": document.version + (not write_plan.changed_nothing(document))}
    state = getattr(document, "state", None)
    return answer | {"state": state} if state else answer


def to_answer(document: Aggregate, *names: str) -> Answer:
    """The named fields of a document, embedded ones as dictionaries."""
    answer: Answer = {"id": document.key, "version": document.version}
    for name in names:
        answer[name] = _plain(getattr(document, name))
    return answer


def fields_of(row: type[Record]) -> tuple[str, ...]:
    """What a row shows of a document, for `to_answer`."""
    return tuple(name for name in row.__struct_fields__ if name not in Record.__struct_fields__)


def create(
    data: TenantData, model: type[A], build: Callable[[str], A], answer: Callable[[A], Answer] = shown
) -> Answer:
    """Makes a document under the key that `build` is given, once, and answers how it stands."""
    made: Answer = data.create(model, build, answer)
    return made


def change(
    data: TenantData, model: type[A], key: str, act: Callable[[A], object], answer: Callable[[A], Answer] = shown
) -> Answer:
    """Lets the document act, and answers how it stands then."""

    def acted(document: A) -> Answer:
        act(document)
        return answer(document)

    changed: Answer = data.change(model, key, acted)
    return changed


def put(data: TenantData, blank: A, act: Callable[[A], object], answer: Callable[[A], Answer] = shown) -> Answer:
    """Changes the document with the key of `blank`, which is what it is before somebody first sets it."""
    try:
        return change(data, type(blank), blank.key, act, answer)
    except NotFound:
        act(blank)
        return create(data, type(blank), lambda _: blank, answer)


def found(data: TenantData, model: type[A], key: str) -> A | None:
    """The document; None where there is none."""
    try:
        return data.get(model, key)
    except NotFound:
        return None


def named(data: TenantData, model: type[A], key: str, field: str) -> A:
    """The document that a field of the request names; raises `Invalid` where there is none."""
    document = found(data, model, key)
    if document is None:
        raise Invalid((field, "there is none of this id", "没有该编号的记录"))
    return document


def _plain(value: Any) -> Any:
    if hasattr(value, "to_mongo"):
        return value.to_mongo().to_dict()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
