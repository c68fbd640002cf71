"""Replicas: a service's own replicas of records that another service owns, updated by events.

A request never calls another service: the data of others that a use case needs are here, a moment old. An id that is
missing here may belong to an event that is still on its way (`Unknown`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import Any, get_type_hints

import msgspec

from chassis.context import Received
from chassis.entrypoints.consumer import handles
from chassis.errors import Invalid, Unavailable, spoken_fault
from chassis.persistence.aggregate import Replica
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.service import UseCases

#: An event is in the queue of the service at the latest this long after somebody knows its id.
_MAX_DELAY = timedelta(seconds=5)
#: After this long without a lookup the id counts as never looked up: it may have been made since.
_FORGOTTEN = timedelta(minutes=10)
_MAX_LOOKUPS = 10_000


class Replicated(UseCases):
    """Base of the event handlers that update replicas: one handler for each of `documents`.

    A replica class names its events (`sources`); the handler copies the fields of the class from their data.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for model in vars(cls).get("documents", ()):
            handler = _handler_of(model)
            setattr(cls, handler.__name__, handler)


def _handler_of(model: type[Replica]) -> Callable[..., Any]:
    def keep(self: Replicated, event: Received) -> None:
        self.data.of(event).apply_replica(model, event.envelope.subject, event, replica_fields(model, event))
        model.kept(event.tenant)

    keep.__name__ = keep.__qualname__ = f"keep_{model._get_collection_name()}"
    return handles(*model.sources)(keep)


def replica_fields(model: type[Replica], event: Received) -> dict[str, Any]:
    """Returns the replica's own fields from the event. Raises `msgspec.ValidationError` if a type does not match."""
    schema = _schema_of(model)  # type: ignore[arg-type]  # a class is hashable, whatever its instances are
    return msgspec.structs.asdict(event.as_(schema))


@cache
def _schema_of(model: type[Replica]) -> type[msgspec.Struct]:
    """Returns the schema of the replica's own fields: only a field with a default is optional."""
    types = get_type_hints(model)
    fields = [field for name, field in model._fields.items() if name not in Replica._fields]
    # mongoengine gives every list and object an empty default that the class did not ask for. Such a field stays
    # required: an empty list of units, for one, would mean all units.
    optional = [(field.name, types[field.name], field.default) for field in fields if _has_default(field)]
    required = [(field.name, types[field.name]) for field in fields if not _has_default(field)]
    return msgspec.defstruct(model.__name__, [*required, *optional], frozen=True)


def _has_default(field: Any) -> bool:
    return field.default is not None and not callable(field.default)


class NotKnownYet(Unavailable):
    """The id is unknown, but its event may still be on its way."""

    code = "not_known_yet"
    en = (
        "{key:verbatim} is not known here yet; if it is new, "
        "try again in {retry_after} s with the same key, else check the id."
    )
    zh = "暂未查到{key:verbatim}；如刚刚建立，请在 {retry_after} 秒后使用相同的幂等键重试，否则请核对编号。"


class Unknown:
    """Tracks lookups of unknown ids: at first the error says "try again", later "does not exist".

    Later: once the consumer has come to what was made after the first lookup. While it lags, the wait goes on.
    However many other ids are looked up in the meantime, an id that is asked for again and again gets its answer.
    """

    def __init__(self) -> None:
        # The first and the last lookup; the longest ago is the first entry.
        self._lookups: OrderedDict[tuple[str, str, str], tuple[datetime, datetime]] = OrderedDict()

    def wait_for(self, data: TenantData, field: str, key: str) -> None:
        """Raises `NotKnownYet` while the event may still be on its way."""
        now, lookup = data.context.now, (data.context.tenant, field, key)
        first, last = self._lookups.pop(lookup, (now, now))
        if now - last > _FORGOTTEN:
            first = now
        self._lookups[lookup] = first, now
        if len(self._lookups) > _MAX_LOOKUPS:
            self._lookups.popitem(last=False)
        if data.events_known_until - first < _MAX_DELAY:
            raise NotKnownYet(retry_after=1, key=key)

    @staticmethod
    def lags(data: TenantData) -> bool:
        """Returns whether even what was made a while ago may be unknown here."""
        return data.context.now - data.events_known_until > _MAX_DELAY

    def raise_for(self, data: TenantData, field: str, key: str) -> None:
        """Raises `NotKnownYet` while the event may still be on its way, then `Invalid`."""
        self.wait_for(data, field, key)
        raise Invalid(spoken_fault(field, "{key:verbatim} does not exist", "{key:verbatim}不存在", key=key))
