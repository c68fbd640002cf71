"""What holds for the documents of every service in the list: what their fields may hold, and the room they lie in.

A stored field may be empty only where its annotation says so; otherwise it is required or has a default. mypy trusts
the annotation, and the check before a write trusts `required`. Where they differ, a document with None in a `str` is
stored, and what reads it fails far from the cause.

Replicas are not asked: an event that has no value for such a field is refused (`tests/unit/chassis/test_replicas.py`),
and as they have no rules they lie beside the aggregates.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest
from mongoengine import EmbeddedDocumentField, ListField, StringField

from chassis.persistence.aggregate import Aggregate, Replica
from chassis.persistence.write_plan import ROW_PARTS
from chassis.process.runtime import documents_of
from launcher.service_list import SERVICES, ServiceEntry


def documents_with_embedded(service: ServiceEntry) -> Iterator[type[Any]]:
    module, _, name = service.runs.partition(":")
    for model in documents_of(getattr(import_module(module), name)):
        if not issubclass(model, Replica):
            yield model
            yield from embedded_in(model)


def embedded_in(model: type[Any]) -> Iterator[type[Any]]:
    for field in model._fields.values():
        inner = field.field if isinstance(field, ListField) else field
        if isinstance(inner, EmbeddedDocumentField):
            yield inner.document_type
            yield from embedded_in(inner.document_type)


def disagreeing(model: type[Any]) -> list[str]:
    """Returns the fields whose annotation and declaration do not say the same about None."""
    hints = get_type_hints(model)
    return [name for name, field in model._fields.items() if never_none(field) == (NoneType in get_args(hints[name]))]


def never_none(field: Any) -> bool:
    return field.required or field.default is not None


#: The import contracts in pyproject.toml look for rules in these modules.
ROOM = re.compile(r"services\.\w+\.\w+\.model(\.\w+)?")
MODELS = list(dict.fromkeys(model for service in SERVICES for model in documents_with_embedded(service)))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_only_a_field_that_is_annotated_with_none_may_be_empty(model: type[Any]) -> None:
    assert disagreeing(model) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_its_rules_lie_where_the_import_contracts_keep_io_away_from_them(model: type[Any]) -> None:
    assert ROOM.fullmatch(model.__module__), "move it to <aggregate>/model.py or <aggregate>/model/<thing>.py"


def test_a_field_that_says_one_thing_and_does_another_is_found() -> None:
    class Sign(Aggregate):
        """Two wrong fields among right ones."""

        meta = {"collection": "signs"}
        text: str = StringField()
        place: str = StringField(required=True)
        note: str = StringField(default="")
        colour: str | None = StringField()
        back: str | None = StringField(required=True)
        marks: list[str] = ListField(StringField())

    assert disagreeing(Sign) == ["text", "back"]


@pytest.mark.parametrize(
    "model", [each for each in MODELS if issubclass(each, Aggregate)], ids=lambda each: each.__name__
)
def test_no_field_has_the_name_of_a_part_of_the_row_itself(model: type[Any]) -> None:
    assert ROW_PARTS.isdisjoint(model._fields)
