"""The fields that a replica takes from an event: those with a default are optional, all others required."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from mongoengine import BooleanField, DictField, FloatField, IntField, ListField, StringField

from chassis.context import Received
from chassis.envelope import Envelope, raw
from chassis.persistence.aggregate import Replica
from chassis.replicas import replica_fields


class Shelf(Replica):
    name: str = StringField()
    note: str = StringField(default="")
    open: bool = BooleanField(default=False)
    books: int = IntField(default=0)
    height: float = FloatField(default=1.5)
    units: list[str] = ListField(StringField())
    limits: dict[str, int] = DictField()


LEAST: dict[str, Any] = {"name": "a", "units": [], "limits": {}}


def received(data: dict[str, Any]) -> Received:
    envelope = Envelope(
        specversion="1.0",
        id="e1",
        source="org",
        type="linli.org.shelf.changed.v1",
        subject="k",
        time=datetime(2026, 1, 5, tzinfo=UTC),
        datacontenttype="application/json",
        tenant="t",
        sequence=1,
        correlationid="c1",
        data=raw(data),
    )
    return Received(tenant="t", actor="a", now=envelope.time, correlation_id="c1", envelope=envelope)


def test_a_field_with_a_default_of_any_type_is_optional() -> None:
    defaults = {"note": "", "open": False, "books": 0, "height": 1.5}
    assert replica_fields(Shelf, received(LEAST)) == LEAST | defaults


@pytest.mark.parametrize("field", LEAST)
def test_a_field_without_a_default_is_required_even_a_list_or_an_object(field: str) -> None:
    less = {name: value for name, value in LEAST.items() if name != field}
    with pytest.raises(msgspec.ValidationError, match=field):
        replica_fields(Shelf, received(less))


@pytest.mark.parametrize("field", sorted(Shelf._fields.keys() - Replica._fields.keys()))
def test_a_field_whose_type_excludes_none_does_not_take_it(field: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=field):
        replica_fields(Shelf, received(LEAST | {field: None}))
