"""What the services publish fits their contracts, and the contracts' examples fit what is published."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import jsonschema
import msgspec
import pytest

from tests.contract import case_stories, org_stories, side_stories
from tests.contract.case_stories import SERVICES, path_of

STORIES = (case_stories, side_stories, org_stories)
EVENTS = {kind: made for stories in STORIES for kind, made in stories.EVENTS.items()}


def contract_of(kind: str) -> Any:
    return json.loads(path_of(kind).read_text(encoding="utf-8"))


def test_every_contract_is_of_an_event() -> None:
    assert {path_of(kind) for kind in EVENTS} == set(SERVICES.glob("*/contracts/*.json"))


@pytest.mark.parametrize("kind", EVENTS)
def test_an_example_fits_its_contract_and_its_class(kind: str) -> None:
    contract = contract_of(kind)
    jsonschema.Draft202012Validator.check_schema(contract["schema"])
    jsonschema.validate(contract["example"], contract["schema"])
    assert json.loads(msgspec.json.encode(msgspec.convert(contract["example"], EVENTS[kind]))) == contract["example"]


@pytest.mark.parametrize("kind", case_stories.EVENTS)
def test_a_cases_contract_says_what_its_class_says(kind: str) -> None:
    assert contract_of(kind)["schema"] == msgspec.json.schema(EVENTS[kind])


@pytest.mark.parametrize("kind", org_stories.EVENTS)
def test_a_state_of_org_leaves_no_field_out(kind: str) -> None:
    """A copy replaces what it has field by field: a value that was taken away must be seen to be gone."""
    schema = contract_of(kind)["schema"]
    assert set(schema["required"]) == set(schema["properties"])


@pytest.mark.parametrize("stories", STORIES)
def test_the_stories_publish_every_event_and_each_fits_its_contract(stories: ModuleType) -> None:
    schemas = {kind: contract_of(kind)["schema"] for kind in stories.EVENTS}
    seen = set()
    for event in stories.published():
        jsonschema.validate(json.loads(msgspec.json.encode(event)), schemas[event.type])
        seen.add(event.type)
    assert seen == set(stories.EVENTS)


@pytest.mark.domain("Privacy: events carry ids")
@pytest.mark.parametrize("stories", STORIES)
def test_no_event_carries_what_somebody_wrote_or_who_they_are(stories: ModuleType) -> None:
    for event in stories.published():
        told = msgspec.json.encode(event)
        assert b"sealed" not in told
        assert b"phone" not in told
