"""What the services publish fits their contracts, and the contracts' examples fit what is published."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import msgspec
import pytest
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from chassis.envelope import PREFIX, TYPE, PublicState
from launcher.generate import contracts, examples
from launcher.generate.contracts import files
from launcher.problems import Stopped
from launcher.servers.processes import ROOT
from launcher.service_list import NAMES
from tests.contract.stories import missing_of, published, published_by, stories_of, stories_of_all
from tests.contract.whole_schemas import whole

STATES = {kind: made for kind, made in contracts.published().items() if issubclass(made, PublicState)}


def path_of(kind: str) -> Path:
    service, _, name = kind.partition(".")
    return ROOT / "services" / service / "contracts" / f"{name}.json"


def contract_of(kind: str) -> Any:
    return json.loads(path_of(kind).read_text(encoding="utf-8"))


def test_every_contract_is_of_an_event_or_of_a_state_that_events_carry() -> None:
    assert {path_of(kind) for kind in contracts.published()} == set(ROOT.glob("services/*/contracts/*.json"))


@pytest.mark.parametrize("kind", contracts.published())
def test_a_type_has_the_form_without_which_nobody_reads_its_events(kind: str) -> None:
    assert TYPE.fullmatch(PREFIX + kind)


def test_the_contracts_lie_as_the_generator_makes_them() -> None:
    lying = {path.relative_to(ROOT): path.read_text(encoding="utf-8") for path in map(path_of, contracts.published())}
    assert lying == files()


def test_every_state_is_carried_by_an_event() -> None:
    events = [contract_of(kind)["schema"] for kind in contracts.published() if kind not in STATES]
    carried = {field.get("$ref") for schema in events for field in schema["properties"].values()}
    assert {PREFIX + state for state in STATES} <= carried


@pytest.mark.parametrize("service", [name for name in NAMES if stories_of(name)])
def test_a_service_with_stories_tells_of_every_event_and_of_no_other(service: str) -> None:
    assert missing_of(service) == ""
    assert published_by(service) == {kind for stories in stories_of(service) for kind in stories.EVENTS}


def test_an_event_without_an_example_stops_the_generator_which_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "of", lambda service: {})
    first = re.escape(next(iter(contracts.published())))
    with pytest.raises(Stopped, match=rf"{first} in event_examples\.json"):
        files()


def test_a_service_without_examples_stops_the_generator_which_names_the_file() -> None:
    with pytest.raises(Stopped, match=r"create services/newcomer/event_examples\.json"):
        examples.of("newcomer")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"{", "is not valid JSON"), (b"\xff", "is not valid JSON"), (b"[]", "is not an object; make it one")],
)
def test_examples_that_cannot_be_read_stop_the_generator_which_names_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, says: str
) -> None:
    monkeypatch.setattr(examples, "ROOT", tmp_path)
    file = tmp_path / "services" / "damaged" / "event_examples.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    with pytest.raises(Stopped, match=rf"services/damaged/event_examples\.json {says}"):
        examples.of("damaged")


def test_an_event_whose_state_has_no_example_stops_the_generator_which_names_the_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state, written = next(iter(STATES)), examples.of
    monkeypatch.setattr(
        examples, "of", lambda service: {kind: each for kind, each in written(service).items() if kind != state}
    )
    with pytest.raises(Stopped, match=f"write an example of {re.escape(state)}"):
        files()


def state(kind: str) -> type[PublicState]:
    """A state whose class has the same name as every other that this makes."""

    class State(PublicState, frozen=True, kw_only=True):
        type = kind

    return State


def test_an_event_refers_to_the_states_of_its_own_service_alone() -> None:
    kinds = {kind: state(kind) for kind in ("one.thing.state.v1", "two.thing.state.v1")}
    for service in ("one", "two"):
        assert contracts.states_of(service, kinds) == {"State": f"linli.{service}.thing.state.v1"}


def test_two_states_of_a_service_with_one_class_name_stop_the_generator() -> None:
    kinds = {kind: state(kind) for kind in ("one.other.state.v1", "one.thing.state.v1")}
    with pytest.raises(Stopped, match="two states of one have the class name State"):
        contracts.states_of("one", kinds)


@pytest.mark.parametrize("kind", contracts.published())
def test_an_example_fits_its_contract_and_its_class(kind: str) -> None:
    example, schema = contract_of(kind)["example"], whole(kind)
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(example, schema)
    assert json.loads(msgspec.json.encode(msgspec.convert(example, contracts.published()[kind]))) == example


@pytest.mark.parametrize("kind", contracts.published())
def test_a_contract_refers_to_states_by_their_id_and_validates_as_it_does_in_one_piece(kind: str) -> None:
    contract = contract_of(kind)
    states = [contract_of(state)["schema"] for state in STATES]
    registry = Registry().with_resources((schema["$id"], DRAFT202012.create_resource(schema)) for schema in states)
    inside = jsonschema.Draft202012Validator(contract["schema"], registry=registry)
    outside = jsonschema.Draft202012Validator(whole(kind))
    for example in (contract["example"], *broken(contract["example"])):
        assert inside.is_valid(example) == outside.is_valid(example)


def broken(example: dict[str, Any]) -> list[Any]:
    """Without each field in turn, at the top and in a state, and with each of another type."""
    inner = [name for name, value in example.items() if type(value) is dict]
    within = [example | {name: each} for name in inner for each in broken(example[name])]
    without = [{name: value for name, value in example.items() if name != left} for left in example]
    return [*without, *(example | {name: {"of": "another type"}} for name in example), *within]


@pytest.mark.parametrize("stories", stories_of_all(), ids=lambda stories: stories.__name__)
def test_the_stories_publish_every_event_and_each_fits_its_contract(stories: ModuleType) -> None:
    schemas = {kind: whole(kind) for kind in stories.EVENTS}
    seen = set()
    for event in published(stories):
        jsonschema.validate(json.loads(msgspec.json.encode(event)), schemas[event.type])
        seen.add(event.type)
    assert seen == set(stories.EVENTS)


@pytest.mark.domain("Privacy: events carry ids")
@pytest.mark.parametrize("stories", stories_of_all(), ids=lambda stories: stories.__name__)
def test_no_event_carries_what_somebody_wrote_or_who_they_are(stories: ModuleType) -> None:
    for event in published(stories):
        told = msgspec.json.encode(event)
        assert b"sealed" not in told
        assert b"phone:" not in told  # the blind index of a number
