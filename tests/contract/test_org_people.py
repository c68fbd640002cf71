"""What org publishes of posts and people fits its contracts, and the examples fit what is published."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from chassis.events import Event
from services.org import people_events
from services.org.model.power import Power
from services.org.model.sponsorship import Sponsorship
from tests.unit.org import test_lists, test_users
from tests.unit.org.people_samples import GRID, NOW, STREET, assignment, post, unit

CONTRACTS = Path(__file__).parents[2] / "services" / "org" / "contracts"
EVENTS = {kind.type: kind for kind in vars(people_events).values() if hasattr(kind, "type") and kind is not Event}


def contract_of(kind: str) -> Any:
    return json.loads((CONTRACTS / f"{kind.removeprefix('org.')}.json").read_text(encoding="utf-8"))


def published() -> Iterator[Event]:
    """Every event that the lives of these aggregates make."""
    department, held, a = unit(), post(), assignment(post())
    b = assignment(post(), key="A-2", subject="U-2", backup_of="A-1", backed=a, valid_until=NOW + timedelta(days=1))
    department.rename("综合执法局")
    department.close()
    held.revise(title="新名称", duties=["巡查"])
    held.move(GRID)
    a.declare_absence(NOW, NOW + timedelta(hours=1), NOW)
    a.end(NOW)
    b.end_when_due(NOW + timedelta(days=1))
    entry, rule, user = test_lists.made(), test_lists.rule(), test_users.user()
    entry.end(NOW, NOW)
    rule.withdraw()
    user.disable(NOW)
    power = Power.blank("wuhai", "own_1")
    power.set(["street"], name="decides on funds", name_zh="资金使用决定权")
    sponsor = Sponsorship.blank("wuhai", "sponsor", STREET, "street")
    sponsor.name("U-1")
    sponsor.end()
    for aggregate in (department, held, a, b, entry, rule, user, power, sponsor):
        yield from aggregate.pending


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
