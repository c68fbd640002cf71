"""Validation before a write: a value that its field does not allow never reaches the database."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from mongoengine import (
    BooleanField,
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

from chassis.context import Context
from chassis.persistence import write_plan
from chassis.persistence.aggregate import Aggregate, Replica
from chassis.persistence.fast_mapping import Mapped, require_storable
from chassis.persistence.field_checks import InvalidDocument

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTEXT = Context(tenant="wuhai", actor="u1", now=NOW, correlation_id="c1")


class Word(StrEnum):
    A = "a"


class Step(Mapped, EmbeddedDocument):
    meta = {"strict": False}
    name: str = StringField(required=True)
    at: datetime | None = DateTimeField()


class Path(Aggregate):
    meta = {"collection": "paths_of_validity"}
    name: str = StringField(required=True)
    note: str = StringField()
    length: int = IntField(default=0)
    width: float | None = FloatField()
    paved: bool = BooleanField(default=True)
    opened: datetime = DateTimeField(required=True)
    first: Step | None = EmbeddedDocumentField(Step)
    steps: list[Step] = EmbeddedDocumentListField(Step)
    marks: list[str] = ListField(StringField())
    facts: dict[str, Any] = DictField()


class PathReplica(Replica):
    meta = {"collection": "path_copies_of_validity"}
    name: str = StringField(required=True)
    length: int = IntField(default=0)


def path(**fields: Any) -> Path:
    return Path(**{"id": "wuhai:P1", "tenant": "wuhai", "name": "a", "opened": NOW} | fields)


def stored() -> Path:
    row = path().to_mongo().to_dict() | {"outbox": []}
    document = Path._from_son(row)
    document.__dict__["_stored"] = row
    return document


WRONG: list[tuple[str, Any, str]] = [
    ("name", None, "name is missing"),
    ("opened", None, "opened is missing"),
    ("name", 7, "name is a int, not a str"),
    ("note", ["x"], "note is a list, not a str"),
    ("length", "7", "length is a str, not a int"),
    ("length", 7.5, "length is a float, not a int"),
    ("length", True, "length is a bool, not a number"),
    ("width", "7", "width is a str, not a float"),
    ("paved", 2, "paved is a int, not a bool"),
    ("opened", "2026-03-02", "opened is a str, not a datetime"),
    ("opened", datetime(2026, 3, 2), "opened is a datetime without a zone"),  # noqa: DTZ001  # naive is meant
    ("first", {"name": "a"}, "first is a dict, not a Step"),
    ("first", Step(), "first.name is missing"),
    ("steps", [Step(name="a"), Step(name=1)], "steps[1].name is a int, not a str"),
    ("steps", [Step(name="a", at=datetime(2026, 3, 2))], "steps[0].at is a datetime without a zone"),  # noqa: DTZ001
    ("steps", [None], "steps[0] is a NoneType, not a Step"),
    ("steps", Step(name="a"), "steps is a Step, not a list"),
    ("marks", ["a", 2], "marks[1] is a int, not a str"),
    ("marks", "a", "marks is a str, not a list"),
    ("facts", ["a"], "facts is a list, not a dict"),
]


@pytest.mark.parametrize(("field", "value", "fault"), WRONG)
def test_a_new_document_with_a_wrong_or_missing_value_is_not_written(field: str, value: Any, fault: str) -> None:
    document = path()
    setattr(document, field, value)
    with pytest.raises(InvalidDocument) as refused:
        write_plan.insertion(document, CONTEXT, None)
    assert str(refused.value) == f"Path.{fault}"


@pytest.mark.parametrize(("field", "value", "fault"), WRONG)
def test_a_change_to_a_wrong_or_missing_value_is_not_written(field: str, value: Any, fault: str) -> None:
    document = stored()
    setattr(document, field, value)
    with pytest.raises(InvalidDocument) as refused:
        write_plan.change(document, CONTEXT, None)
    assert str(refused.value) == f"Path.{fault}"


def test_what_is_declared_is_written() -> None:
    fields = {
        "name": Word.A, "width": 2, "first": Step(name="a", at=NOW), "steps": [Step(name="b")],
        "marks": ["m"], "facts": {"any": [1]},
    }  # fmt: skip
    write_plan.insertion(path(**fields), CONTEXT, None)
    write_plan.insertion(path(), CONTEXT, None)
    document = stored()
    document.note, document.length = "n", 5
    assert write_plan.change(document, CONTEXT, None) is not None


def test_a_change_elsewhere_is_written_though_an_older_version_left_something_else_out() -> None:
    document = stored()
    document.stored.pop("name")
    document._data["name"] = None
    document.length = 5
    assert write_plan.change(document, CONTEXT, None) is not None


def test_the_error_tells_no_value() -> None:
    with pytest.raises(InvalidDocument) as refused:
        write_plan.insertion(path(length="13900000001"), CONTEXT, None)
    assert "139" not in str(refused.value)


@pytest.mark.parametrize("fields", [{"name": 7}, {"name": None}, {"length": "7"}])
def test_a_copy_takes_no_wrong_value_either(fields: dict[str, Any]) -> None:
    require_storable(PathReplica, {"name": "a", "length": 7, "of_a_later_version": object()})
    with pytest.raises(InvalidDocument):
        require_storable(PathReplica, fields)
