"""Replicas: a service's own copies of what another service owns, kept up to date by events.

Nothing is asked of another service during a request: what a use case needs of others is here, a moment old. An id
that is not here may be one whose event is still on its way (`Unknown`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_type_hints

import msgspec

from chassis.context import Received
from chassis.errors import Invalid, Unavailable
from chassis.messaging.consumer import handles
from chassis.persistence.aggregate import Replica
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.service import Part

#: How long an id that no replica knows may be one whose event is still on its way.
_LAG = timedelta(seconds=5)
_MOST_ASKED = 10_000


class Replicated(Part):
    """Base of the part of a service that keeps replicas: one handler for each of `documents`.

    A replica names the events that it is kept by (`sources`), and takes from their data the fields that it has.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for model in vars(cls).get("documents", ()):
            handler = _handler_of(model)
            setattr(cls, handler.__name__, handler)


def _handler_of(model: type[Replica]) -> Callable[..., Any]:
    def keep(self: Replicated, event: Received) -> None:
        self.data.of(event).apply_replica(model, event.envelope.subject, event, told(model, event))
        model.kept(event.tenant)

    keep.__name__ = keep.__qualname__ = f"keep_{model._get_collection_name()}"
    return handles(*model.sources)(keep)


def told(model: type[Replica], event: Received) -> dict[str, Any]:
    """The replica's own fields, as the event has them. Raises `msgspec.ValidationError` for one of another type."""
    shape = _shape(model)  # type: ignore[arg-type]  # a class is hashable, whatever its instances are
    return msgspec.structs.asdict(event.as_(shape))


@cache
def _shape(model: type[Replica]) -> type[msgspec.Struct]:
    """Each field of its type, and missing only where it has a default."""
    types = get_type_hints(model)
    own = [field for name, field in model._fields.items() if name not in Replica._fields]
    # That of a list or an object is mongoengine's own, and none of ours: no unit named would mean all of them.
    optional = [(each.name, types[each.name], each.default) for each in own if isinstance(each.default, str | bool)]
    required = [(each.name, types[each.name]) for each in own if not isinstance(each.default, str | bool)]
    return msgspec.defstruct(model.__name__, [*required, *optional], frozen=True)


class NotKnownYet(Unavailable):
    """An id that may be one whose event is still on its way."""

    code = "not_known_yet"
    en = "There is no {key} here yet; if it was made just now, repeat in {retry_after} s with its key, else check it."
    zh = "这里还没有 {key};如果刚刚建立,请在 {retry_after} 秒后用相同的键重试,否则请核对。"


class Unknown:
    """Ids that were asked for and are not known: first "try again", then "there is none"."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str, str], datetime] = {}

    def wait_for(self, data: TenantData, field: str, key: str) -> None:
        """Raises `NotKnownYet` for as long as it may be on its way."""
        now, name = data.context.now, (data.context.tenant, field, key)
        if len(self._asked) > _MOST_ASKED:
            self._asked.clear()
        if now - self._asked.setdefault(name, now) < _LAG:
            raise NotKnownYet(retry_after=1, key=key)

    def raise_for(self, data: TenantData, field: str, key: str) -> None:
        """Raises `NotKnownYet`, and `Invalid` from then on."""
        self.wait_for(data, field, key)
        raise Invalid((field, f"there is no {key}", f"{key} 不存在"))
