"""Data mapper: it loads and writes documents with the same result as mongoengine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from mongoengine import (
    DateTimeField,
    DictField,
    EmbeddedDocument,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.persistence.aggregate import Aggregate
from chassis.persistence.fast_mapping import Mapped

LEAF = {"name": "a", "marks": ["x"]}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Leaf(Mapped, EmbeddedDocument):
    meta = {"strict": False}
    name: str = StringField(required=True)
    marks: list[str] = ListField(StringField())


class Tree(Aggregate):
    meta = {"collection": "trees_of_mapping"}
    height: int = IntField(default=3)
    planted: datetime | None = DateTimeField()
    crown: Leaf | None = EmbeddedDocumentField(Leaf)
    leaves: list[Leaf] = EmbeddedDocumentListField(Leaf)
    rings: list[dict[str, Any]] = ListField(DictField())
    facts: dict[str, Any] = DictField()


def tree() -> Tree:
    return Tree(
        id="wuhai:T1", tenant="wuhai", planted=NOON, crown=Leaf(name="top"), leaves=[Leaf(name="a", marks=["x"])],
        rings=[{"year": 1, "wet": [1, 2]}], facts={"kind": {"name": "杏"}},
    )  # fmt: skip


def loaded() -> Tree:
    return Tree._from_son(tree().to_mongo().to_dict())


def test_a_row_is_what_it_was() -> None:
    row = tree().to_mongo().to_dict()
    assert loaded().to_mongo().to_dict() == row
    assert row["_id"] == "wuhai:T1"
    assert row["leaves"] == [{"name": "a", "marks": ["x"]}]


def test_what_a_row_does_not_have_is_the_default_and_what_we_do_not_know_is_no_error() -> None:
    found = Tree._from_son({"_id": "wuhai:T1", "tenant": "wuhai", "of_a_later_version": 1})
    assert (found.height, found.leaves, found.planted, found.facts) == (3, [], None, {})


@pytest.mark.parametrize(
    ("change", "sets"),
    [
        (lambda t: setattr(t, "height", 4), {"height": 4}),
        (lambda t: setattr(t.crown, "name", "b"), {"crown": {"name": "b", "marks": []}}),
        (lambda t: setattr(t.leaves[0], "name", "b"), {"leaves": [{"name": "b", "marks": ["x"]}]}),
        (lambda t: t.leaves.append(Leaf(name="b")), {"leaves": [LEAF, {"name": "b", "marks": []}]}),
        (lambda t: t.leaves[-1].marks.append("y"), {"leaves": [{"name": "a", "marks": ["x", "y"]}]}),
        (lambda t: t.rings.append({"year": 2}), {"rings": [{"year": 1, "wet": [1, 2]}, {"year": 2}]}),
        (lambda t: t.facts.update(kind=1), {"facts": {"kind": 1}}),
        (lambda t: setattr(t, "planted", None), {"planted": None}),
        (lambda t: setattr(t, "height", 3), {}),
    ],
)  # fmt: skip
def test_a_change_is_found_and_nothing_else_is(change: Any, sets: dict[str, Any]) -> None:
    row = tree().to_mongo().to_dict()
    found = Tree._from_son(row)
    change(found)
    assert found.changed_from(row) == sets


def test_a_field_of_a_later_version_is_no_change_before_it_is_set() -> None:
    row = {"_id": "wuhai:T1", "tenant": "wuhai"}
    found = Tree._from_son(row)
    assert found.changed_from(row) == {}
    found.height, found.facts = 4, {"kind": 1}
    assert found.changed_from(row) == {"height": 4, "facts": {"kind": 1}}


def test_a_field_that_is_set_to_nothing_has_its_default() -> None:
    found = loaded()
    found.height = None  # type: ignore[assignment]
    assert found.height == 3


def test_a_change_of_the_document_leaves_the_row_that_it_came_from() -> None:
    row = tree().to_mongo().to_dict()
    found = Tree._from_son(row)
    found.rings[0]["wet"].append(3)
    found.leaves[0].marks.append("y")
    assert row["rings"][0]["wet"] == [1, 2]
    assert row["leaves"][0]["marks"] == ["x"]


def test_what_a_later_version_keeps_in_a_part_stays_there() -> None:
    row = tree().to_mongo().to_dict()
    row["leaves"][0]["newer"] = row["crown"]["newer"] = 1
    found = Tree._from_son(row)
    assert found.changed_from(row) == {}
    found.leaves[0].name = found.crown.name = "b"  # type: ignore[union-attr]
    assert found.changed_from(row) == {
        "crown": {"name": "b", "marks": [], "newer": 1},
        "leaves": [{"name": "b", "marks": ["x"], "newer": 1}],
    }


def test_a_part_of_an_older_version_is_no_change() -> None:
    row = {"_id": "wuhai:T1", "tenant": "wuhai", "leaves": [{"name": "a"}]}
    assert Tree._from_son(row).changed_from(row) == {}
