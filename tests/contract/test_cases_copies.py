"""What cases copies of org is in the contracts of org, and its handlers take the examples as they are published."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chassis.aggregate import Copy
from chassis.bus import Handler
from services.cases import copies
from services.cases.copies import Copies

CONTRACTS = Path(__file__).parents[2] / "services" / "org" / "contracts"
KEPT: dict[str, type[Copy]] = {
    "org.tenant.changed.v1": copies.TenantSettings,
    "org.division.changed.v1": copies.PlaceCopy,
    "org.grid.changed.v1": copies.PlaceCopy,
    "org.unit.changed.v1": copies.UnitCopy,
    "org.list_entry.changed.v1": copies.ListEntryCopy,
    "org.whistle_rule.changed.v1": copies.WhistleRuleCopy,
    "org.assignment.changed.v1": copies.AssignmentCopy,
    "org.emergency.changed.v1": copies.EmergencyCopy,
}
#: A division is never merged into another; only a grid's contract has it.
_NOT_TOLD = {"org.division.changed.v1": {"merged_into"}}


def example_of(kind: str) -> dict[str, Any]:
    contract = json.loads((CONTRACTS / f"{kind.removeprefix('org.')}.json").read_text(encoding="utf-8"))
    example: dict[str, Any] = contract["example"]
    return example


def test_every_event_that_is_copied_is_tried_here() -> None:
    methods = [method for _, method in inspect.getmembers(Copies, callable)]
    entrypoints = [each for method in methods for each in getattr(method, "nameko_entrypoints", ())]
    assert {kind for each in entrypoints if isinstance(each, Handler) for kind in each.types} == set(KEPT)


@pytest.mark.parametrize("kind", KEPT)
def test_every_field_of_a_copy_is_told_by_the_event(kind: str) -> None:
    fields = set(KEPT[kind]._fields) - {"id", "tenant", "sequence"}
    assert fields - _NOT_TOLD.get(kind, set()) <= set(example_of(kind))


@pytest.mark.parametrize("kind", KEPT)
def test_a_copy_holds_the_example(kind: str) -> None:
    model = KEPT[kind]
    fields = {name: value for name, value in example_of(kind).items() if name in model._fields and name != "id"}
    typed = msgspec.structs.asdict(msgspec.convert(fields, copies.Times, strict=False))
    fields |= {name: value for name, value in typed.items() if value}
    model(id="t:k", tenant="t", **fields).validate()
