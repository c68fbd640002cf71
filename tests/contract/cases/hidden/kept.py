"""The service `cases` in this process, on records in memory: it keeps what its commands write, and its own events too.

A database small enough to read: it knows the conditions and sums that the queries of `cases` use, and those of
`residents` for its rights, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from math import prod
from types import SimpleNamespace
from typing import Any, cast
from zlib import crc32

import msgspec
from mongoengine import Document

from chassis.context import Call, Context, Received
from chassis.entrypoints.consumer import Handler
from chassis.entrypoints.rpc_arguments import Arguments
from chassis.envelope import Envelope, decode, encode
from chassis.errors import Problem
from chassis.persistence.tenant_data import ALL
from chassis.persistence.write_plan import envelope_of
from chassis.security.principal import Principal
from services.cases.service import Cases
from tests.contract.dry import SEALER, DryData, Records
from tests.unit.cases import people as p

Row = dict[str, Any]
_OPERATORS: Mapping[str, Callable[[list[Any], Any], bool]] = {
    "$in": lambda found, wanted: bool({*found} & {*wanted}),
    "$ne": lambda found, wanted: wanted not in (found or [None]),
    "$nin": lambda found, wanted: not {*found} & {*wanted},
    "$gte": lambda found, wanted: any(each is not None and each >= wanted for each in found),
    "$gt": lambda found, wanted: any(each is not None and each > wanted for each in found),
    "$lte": lambda found, wanted: any(each is not None and each <= wanted for each in found),
    "$lt": lambda found, wanted: any(each is not None and each < wanted for each in found),
    "$elemMatch": lambda found, wanted: any(matches(each, wanted) for each in found if each),
}
_ON_VALUES: Mapping[str, Callable[..., Any]] = {
    "$gt": lambda one, other: _rank(one) > _rank(other),
    "$lte": lambda one, other: _rank(one) <= _rank(other),
    "$multiply": lambda *factors: prod(factors),
    "$divide": lambda one, other: one / other,
}
_HANDLERS: list[tuple[str, frozenset[str]]] = [
    (name, frozenset(entrypoint.types))
    for name in dir(Cases)
    for entrypoint in getattr(getattr(Cases, name), "nameko_entrypoints", ())
    if isinstance(entrypoint, Handler)
]


class KeptData(DryData):
    """`TenantData` in memory. `told`: the events, as they lie in the log. `keeps` False: writes are thrown away."""

    def __init__(self, records: Records, context: Context, told: list[Envelope], keeps: bool) -> None:
        super().__init__(records, context)
        self._told, self._keeps = told, keeps

    def find(self, model: type[Any], where: Row, sort: Any = (), limit: int = 50) -> list[Any]:
        return [self.get(model, row["_id"].partition(":")[2]) for row in self._rows(model, where, sort, limit)]

    def rows(self, model: Any, where: Row, fields: Any, sort: Any = (), limit: int = 50) -> list[Row]:
        tops = {field.partition(".")[0] for field in fields}
        return [
            {name: row[name] for name in tops if name in row} | {"key": row["_id"].partition(":")[2]}
            for row in self._rows(model, where, sort, limit)
        ]

    def aggregate(self, model: Any, where: Row, stages: list[Row]) -> list[Row]:
        """Only groups are worked out; of nothing, every stage makes nothing."""
        found = self._rows(model, where, ())
        group = stages[0]["$group"] if found else {}
        lines: dict[str, Row] = {}
        for row in found:
            by = _value(group["_id"], row)
            line = lines.setdefault(repr(by), {"_id": by} | {name: 0 for name in group if name != "_id"})
            for name in line.keys() - {"_id"}:
                line[name] += _value(group[name]["$sum"], row) or 0
        return list(lines.values())

    def add(self, document: Any, answer: Any = None) -> bool:
        kind = (type(document), document.key)
        if kind in self._records:
            return False
        self._keep(document)
        return True

    def create(self, model: type[Any], build: Callable[[str], Any], answer: Any = None) -> Any:
        document = build(f"{self.context.correlation_id}-{model.__name__}")
        told = msgspec.to_builtins(answer(document)) if answer else document
        self.add(document)
        return told

    def change(self, model: type[Any], key: str, act: Callable[[Any], Any]) -> Any:
        document = self._to_change(model, key)
        answer = msgspec.to_builtins(act(document))
        self._keep(document)
        return answer

    def set_unchanged(self, model: type[Any], versions: Mapping[str, int], fields: Row) -> None:
        for key in versions:
            for name, value in fields.items():
                setattr(self._records[model, key], name, value)

    def _keep(self, document: Any) -> None:
        if not self._keeps:
            return
        for number, event in enumerate(document.pending, start=document.sequence + 1):
            self._told.append(decode(encode(envelope_of(document, event, number, self.context))))
        document.sequence += len(document.pending)
        document.version += 1
        document.pending.clear()
        document.next_due_at = None
        self._records[type(document), document.key] = document

    def _rows(self, model: type[Any], where: Row, sort: Any, limit: int = ALL) -> list[Row]:
        found = [document.to_mongo().to_dict() for (kind, _), document in self._records.items() if kind is model]
        found = [row for row in found if matches(row, where)]
        for field, direction in reversed(list(sort)):
            found.sort(key=lambda row: _rank(row.get(field)), reverse=direction < 0)
        return found[: limit or None]


def matches(row: Row, where: Row) -> bool:
    return all(_meets(row, name, wanted) for name, wanted in where.items())


def _meets(row: Row, name: str, wanted: Any) -> bool:
    if name in ("$or", "$and"):
        return (any if name == "$or" else all)(matches(row, each) for each in wanted)
    found = list(_found(row, name.split(".")))
    if isinstance(wanted, dict):
        return all(_OPERATORS[operator](found, value) for operator, value in wanted.items())
    return wanted in found or (wanted is None and not found)


def _found(node: Any, names: list[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for each in node:
            yield from _found(each, names)
    elif not names:
        yield node
    elif isinstance(node, dict) and names[0] in node:
        yield from _found(node[names[0]], names[1:])


def _rank(value: Any) -> tuple[bool, Any]:
    return (value is not None, value)


def _value(said: Any, row: Row) -> Any:
    """Evaluates an expression of a pipeline."""
    if isinstance(said, str) and said.startswith("$"):
        return _at(row, said.lstrip("$").split("."))
    return _computed(said, row) if isinstance(said, dict) else said


def _at(node: Any, path: list[str]) -> Any:
    for name in path:
        node = node.get(name) if isinstance(node, dict) else None
    return node


def _computed(said: Row, row: Row) -> Any:
    match [*said.items()][:1]:
        case [("$cond", [test, one, other])]:
            return _value(one if _value(test, row) else other, row)
        case [(name, given)] if name in _ON_VALUES:
            return _ON_VALUES[name](*(_value(each, row) for each in given))
        case [("$and", tests)]:
            return all(_value(test, row) for test in tests)
        case [("$ifNull", [one, other])]:
            found = _value(one, row)
            return _value(other, row) if found is None else found
        case [("$reduce", step)]:
            value = _value(step["initialValue"], row)
            for this in _value(step["input"], row):
                value = _value(step["in"], row | {"this": this, "value": value})
            return value
        case [("$size", one)]:
            return len(_value(one, row))
        case [("$arrayElemAt", [one, index])]:
            return next(iter([*(_value(one, row) or [])][index:][:1]), None)
    return {name: _value(each, row) for name, each in said.items()}


def number_of(step: str) -> str:
    """Returns the number of the case that a step creates: as in a shuffled block, it tells of no other case."""
    return f"20260302-{crc32(step.encode()):04d}"[:18]


class Desk:
    """The service with its records: everybody's one way to act in a test."""

    def __init__(self, documents: Iterable[Document]) -> None:
        self.records: Records = {(type(each), each.id.partition(":")[2]): each for each in documents}
        self.told: list[Envelope] = []
        self._handled = 0
        self._keeps = True
        self.service = Cases()
        given = {
            "data": SimpleNamespace(of=lambda context: KeptData(self.records, context, self.told, self._keeps)),
            "keys": SimpleNamespace(of=lambda tenant: SEALER),
            "audit": SimpleNamespace(record=lambda *given: None),
            "tickets": SimpleNamespace(issue=lambda ticket: "ticket"),
            "numbers": SimpleNamespace(draw=lambda data: number_of(data.context.correlation_id)),
        }
        for name, value in given.items():
            setattr(self.service, name, value)

    def act(self, step: str, now: datetime, by: Principal, method: str, args: Row) -> str | None:
        """Runs a command, and what follows from its events. Returns None, or the code of the refusal."""
        try:
            self._call(step, now, by, method, args)
        except Problem as problem:
            return problem.code
        self.follow(now)
        return None

    def answer(self, now: datetime, by: Principal, method: str, args: Row) -> str:
        """Returns what the caller is told, in one text; nothing is kept."""
        self._keeps = False
        try:
            return repr(msgspec.to_builtins(self._call("asked", now, by, method, args), enc_hook=str))
        except Problem as problem:
            return f"{problem.code} {problem}"
        finally:
            self._keeps = True

    def add_up(self, now: datetime) -> None:
        """Brings the indicators up to date."""
        context = Context(tenant=p.TENANT, actor="", now=now, correlation_id="adding-up")
        self.service._recompute_stale(cast(Any, KeptData(self.records, context, self.told, True)))

    def _call(self, step: str, now: datetime, by: Principal, method: str, args: Row) -> Any:
        call = Call(
            tenant=by.tenant, actor=by.subject, now=now, correlation_id=step, principal=by, method=method
        )  # fmt: skip
        return getattr(self.service, method)(call, **Arguments.of(getattr(Cases, method)).read(args))

    def follow(self, now: datetime) -> None:
        while self._handled < len(self.told):
            envelope = self.told[self._handled]
            self._handled += 1
            for name, types in _HANDLERS:
                if envelope.name in types:
                    getattr(self.service, name)(Received.of(envelope, "system:cases", now))
