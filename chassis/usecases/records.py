"""Application service helpers: load a record, run a domain method on it, save it, and return its new state.

A record that the caller does not see is loaded, changed and named here like one that does not exist. Only `put`, to
which the caller brings the key, cannot create it a second time and answers `NotFound`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from chassis.context import Context
from chassis.errors import Invalid, NotFound, Oversized, Stale, Taken
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.tenant_data import TenantData
from chassis.persistence.write_plan import version_after_save
from chassis.types import Answer, Record
from chassis.usecases.visibility import Visible, is_seen, require_seen

A = TypeVar("A", bound=Visible)


def state_answer(document: Aggregate) -> Answer:
    """Returns the public state of a document, as its events publish it. `version` is the one after the save."""
    state = document.state_event()
    fields = msgspec.to_builtins(msgspec.structs.asdict(state)) if state else {}
    return {"id": document.key, **fields, "version": version_after_save(document)}


def step_answer(document: Aggregate) -> Answer:
    """Returns only id, version and state, for records with restricted fields. `version` is the one after the save."""
    answer: Answer = {"id": document.key, "version": version_after_save(document)}
    state = getattr(document, "state", None)
    return answer | {"state": state} if state else answer


def to_answer(document: Aggregate, *names: str) -> Answer:
    """Returns the named fields of a document, with embedded documents as dictionaries."""
    answer: Answer = {"id": document.key, "version": document.version}
    for name in names:
        answer[name] = _plain(getattr(document, name))
    return answer


def fields_of(row: type[Record]) -> tuple[str, ...]:
    """Returns the names of the document fields that a response schema shows, for `to_answer`."""
    return tuple(name for name in row.__struct_fields__ if name not in Record.__struct_fields__)


def create(
    data: TenantData, model: type[A], build: Callable[[str], A], answer: Callable[[A], Answer] = state_answer
) -> Answer:
    """Creates a document once, under the key that `build` receives, and returns its state."""
    made: Answer = data.create(model, build, answer)
    return made


def change(
    data: TenantData,
    model: type[A],
    key: str,
    act: Callable[[A], object],
    answer: Callable[[A], Answer] = state_answer,
    seen: Callable[[A, Context], bool] = is_seen,
) -> Answer:
    """Runs `act` on the document, saves it and returns its state. Raises `NotFound` unless the caller sees it.

    `seen`: another rule than the document's own, for a caller who acts as somebody else.
    """

    def acted(document: A) -> Answer:
        require_seen(seen(document, data.context))
        act(document)
        return answer(document)

    try:
        changed: Answer = data.change(model, key, acted)
    except (Stale, Oversized):
        # Raised before `acted`: that the record has another version or no room tells that it exists.
        require_seen(seen(data.get(model, key), data.context))
        raise
    return changed


def put(
    data: TenantData,
    blank: A,
    act: Callable[[A], object],
    answer: Callable[[A], Answer] = state_answer,
    seen: Callable[[A, Context], bool] = is_seen,
) -> Answer:
    """Upsert: changes the document with the key of `blank`, or creates it from `blank`, its initial state.

    Raises `NotFound` if the document exists and the caller does not see it; `seen`: see `change`.
    """
    model, key = type(blank), blank.key
    try:
        return change(data, model, key, act, answer, seen)
    except NotFound:
        act(blank)
    try:
        return create(data, model, lambda _: blank, answer)
    except Taken:
        # Another process has just created it, or the caller does not see it: `change` tells the two apart.
        return change(data, model, key, act, answer, seen)


def get(data: TenantData, model: type[A], key: str) -> A:
    """Returns the document. Raises `NotFound` if it does not exist or the caller does not see it."""
    document = data.get(model, key)
    require_seen(is_seen(document, data.context))
    return document


def found(data: TenantData, model: type[A], key: str) -> A | None:
    """Returns the document, or None where `get` raises `NotFound`."""
    try:
        return get(data, model, key)
    except NotFound:
        return None


def named(data: TenantData, model: type[A], key: str, field: str) -> A:
    """Returns the document that the request field `field` refers to. Raises `Invalid` where `get` raises `NotFound`."""
    document = found(data, model, key)
    if document is None:
        raise Invalid((field, "no record has this id", "没有该编号的记录"))
    return document


def _plain(value: Any) -> Any:
    if hasattr(value, "to_mongo"):
        return value.to_mongo().to_dict()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
