"""What a case publishes fits its contracts, and the contracts say what the classes say."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.contract.case_stories import EVENTS, path_of, published


def contract_of(kind: str) -> Any:
    return json.loads(path_of(kind).read_text(encoding="utf-8"))


@pytest.mark.parametrize("kind", EVENTS)
def test_a_contract_says_what_the_class_says(kind: str) -> None:
    contract = contract_of(kind)
    jsonschema.Draft202012Validator.check_schema(contract["schema"])
    assert contract["schema"] == msgspec.json.schema(EVENTS[kind])


@pytest.mark.parametrize("kind", EVENTS)
def test_an_example_fits_its_contract_and_its_class(kind: str) -> None:
    contract = contract_of(kind)
    jsonschema.validate(contract["example"], contract["schema"])
    assert json.loads(msgspec.json.encode(msgspec.convert(contract["example"], EVENTS[kind]))) == contract["example"]


def test_the_stories_publish_every_event_and_each_fits_its_contract() -> None:
    seen = set()
    schemas = {kind: contract_of(kind)["schema"] for kind in EVENTS}
    for event in published():
        jsonschema.validate(json.loads(msgspec.json.encode(event)), schemas[event.type])
        seen.add(event.type)
    assert seen == set(EVENTS)


@pytest.mark.domain("Privacy: events carry ids")
def test_no_event_carries_what_somebody_wrote_or_who_they_are() -> None:
    for event in published():
        told = msgspec.json.encode(event)
        assert b"sealed:" not in told
        assert b"phone" not in told
