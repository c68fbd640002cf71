"""A service in this process: its own commands, queries and rules, on records that a test hands in.

Writes are thrown away, so that one world serves every operation. Reads of lists find nothing but what a test gave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import msgspec
from mongoengine import Document

from chassis.context import Call, Context
from chassis.entrypoints.rpc_arguments import Arguments
from chassis.errors import NotFound, Stale
from chassis.security.principal import Principal
from chassis.usecases.service import Service
from tests.unit.cases.people import START

S = TypeVar("S", bound=Service)
Records = dict[tuple[type[Document], str], Document]


class DryData:
    """`TenantData` that keeps nothing."""

    def __init__(self, records: Records, context: Context) -> None:
        self._records, self.context = records, context
        self.events_known_until = context.now

    def get(self, model: type[Any], key: str) -> Any:
        if (model, key) not in self._records:
            raise NotFound()
        # A copy, and as if it had just been loaded.
        row = self._records[model, key].to_mongo().to_dict()
        document = model._from_son(row)
        document.__dict__["_stored"] = row
        return document

    def find(self, model: type[Any], where: dict[str, Any], *rest: Any, **more: Any) -> list[Any]:
        found = [self.get(kind, key) for kind, key in self._records if kind is model]
        return [each for each in found if all(_matches(each, name, wanted) for name, wanted in where.items())]

    def rows(self, *given: Any, **more: Any) -> list[Any]:
        return []

    def count(self, model: type[Any], where: dict[str, Any]) -> int:
        return len(self.find(model, where))

    def aggregate(self, *given: Any) -> list[Any]:
        return []

    def add(self, document: Any) -> bool:
        return True

    def create(self, model: type[Any], build: Callable[[str], Any], answer: Callable[[Any], Any]) -> Any:
        return msgspec.to_builtins(answer(build("NEW")))

    def change(self, model: type[Any], key: str, act: Callable[[Any], Any]) -> Any:
        return msgspec.to_builtins(act(self._to_change(model, key)))

    def _to_change(self, model: type[Any], key: str) -> Any:
        document = self.get(model, key)
        if isinstance(self.context, Call) and self.context.if_match not in (None, document.version):
            raise Stale(version=document.version)
        return document


def _matches(document: Any, name: str, wanted: Any) -> bool:
    if not isinstance(wanted, str | bool | dict) or (isinstance(wanted, dict) and "$in" not in wanted):
        return True  # a moment, which no test here is about
    value = document.id if name == "_id" else getattr(document, name.partition(".")[0])
    wanted = wanted["$in"] if isinstance(wanted, dict) else [wanted]
    return bool(set(value if isinstance(value, list) else [value]).intersection(wanted))


class Sealer:
    """Stub: seals nothing."""

    def seal(self, text: str, use: str) -> str:
        return text

    open = seal

    def blind(self, text: str, use: str) -> str:
        return f"{use} of {text}"


SEALER = Sealer()


def service_with(kind: type[S], documents: Iterable[Document], **given: Any) -> S:
    """Returns the service on these records. `given`: what else it has of its process, by name."""
    records = {(type(each), each.id.partition(":")[2]): each for each in documents}
    service = kind()
    has = {
        "data": SimpleNamespace(of=lambda context: DryData(records, context)),
        "keys": SimpleNamespace(of=lambda tenant: SEALER),
        "audit": SimpleNamespace(record=lambda *given: None),
    }
    for name, value in (has | given).items():
        setattr(service, name, value)
    return service


def ask(
    service: Service,
    method: str,
    by: Principal,
    args: dict[str, Any],
    if_match: int | None = None,
    now: datetime = START,
) -> Any:
    """Calls the service as its entrypoint does, with the arguments of the wire."""
    call = Call(
        tenant=by.tenant, actor=by.subject, now=now, correlation_id="c", principal=by, method=method,
        if_match=if_match,
    )  # fmt: skip
    function = cast(Callable[..., Any], getattr(service, method))
    return function(call, **Arguments.of(getattr(type(service), method)).read(args))
