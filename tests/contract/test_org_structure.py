"""What org publishes of tenants and places fits its contracts, and the examples fit what is published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from chassis.events import Event
from services.org import structure_events
from tests.unit.org import places, test_emergencies, test_estates, test_grid_merges, test_party_tree, test_tenants

CONTRACTS = Path(__file__).parents[2] / "services" / "org" / "contracts"
EVENTS = {kind.type: kind for kind in vars(structure_events).values() if hasattr(kind, "type") and kind is not Event}


def contract_of(kind: str) -> Any:
    return json.loads((CONTRACTS / f"{kind.removeprefix('org.')}.json").read_text(encoding="utf-8"))


def published() -> Iterator[Event]:
    """Every event that the lives of these aggregates make."""
    county, grid, merge = places.county(), places.base_grid(), test_grid_merges.small()
    county.draw(places.square(106.75, 39.5, 0.2))
    grid.revise("新名称", places.square(106.81, 39.66))
    grid.retire(into="150302003014009", merge="M1")
    merge.start()
    while merge.next_step:
        merge.halt(merge.next_step.grid, "the code is taken")
        merge.start()
        merge.step_done(merge.next_step.grid)
    emergency, group = test_emergencies.declared(), test_party_tree.organisation("group")
    emergency.end(test_emergencies.CENTRE, test_emergencies.NOW)
    group.close(open_children=0)
    for aggregate in (test_tenants.opened(), county, grid, merge, emergency, group):
        yield from aggregate.pending
    yield from test_estates.estate().pending
    yield from test_estates.building().pending


@pytest.mark.parametrize("kind", EVENTS)
def test_an_example_fits_its_contract_and_its_class(kind: str) -> None:
    contract = contract_of(kind)
    jsonschema.Draft202012Validator.check_schema(contract["schema"])
    jsonschema.validate(contract["example"], contract["schema"])
    assert json.loads(msgspec.json.encode(msgspec.convert(contract["example"], EVENTS[kind]))) == contract["example"]


def test_everything_published_fits_its_contract() -> None:
    seen = set()
    for event in published():
        jsonschema.validate(json.loads(msgspec.json.encode(event)), contract_of(event.type)["schema"])
        seen.add(event.type)
    assert seen == set(EVENTS)


@pytest.mark.parametrize("kind", EVENTS)
def test_a_state_leaves_no_field_out(kind: str) -> None:
    """A copy replaces what it has field by field: a value that was taken away must be seen to be gone."""
    schema = contract_of(kind)["schema"]
    assert set(schema["required"]) == set(schema["properties"])
