"""Generator of the event contracts: for each event type a JSON Schema, from the event's class, and an example.

The public state that many events carry has a separate schema, which they refer to by `$id`. Examples are written
by hand, once, in `services/<name>/event_examples.json`; those of a state are listed under its type.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

import services
from chassis.envelope import PREFIX, Event, PublicState
from launcher.problems import Stopped

ROOT = Path(__file__).parents[2]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, Any]
Kinds = dict[str, type[msgspec.Struct]]


def files() -> dict[Path, str]:
    """Returns every contract by its path from the repository root."""
    return {_path_of(kind): _text(kind, schema) for kind, schema in _schemas().items()}


@cache
def published() -> Kinds:
    """Every event of every service, and the states that they carry, by type."""
    for module in pkgutil.walk_packages(services.__path__, "services."):
        if "events" in module.name:
            importlib.import_module(module.name)
    return dict(sorted((_kinds(PublicState) | _kinds(Event)).items()))


@cache
def _schemas() -> dict[str, Json]:
    """Returns the schemas of events and states, by type."""
    kinds = published()
    return {name: _schema(PREFIX + name, kind, states_of(_service_of(name), kinds)) for name, kind in kinds.items()}


def states_of(service: str, kinds: Kinds) -> dict[str, str]:
    """Returns the `$id` of each state of a service, by class name. Raises `Stopped` if two have the same name."""
    own = {name: kind for name, kind in kinds.items() if _service_of(name) == service and issubclass(kind, PublicState)}
    ids = {kind.__name__: PREFIX + name for name, kind in own.items()}
    for name, kind in own.items():
        if ids[kind.__name__] != PREFIX + name:
            raise Stopped(f"two states of {service} have the class name {kind.__name__}; rename one of the classes")
    return ids


def _kinds(base: type[Any]) -> Kinds:
    """Returns all subclasses of `base` in services, by type."""
    return {
        kind.type: kind for kind in _derived(base) if "type" in vars(kind) and kind.__module__.startswith("services.")
    }


def _derived(base: type[Any]) -> Iterator[type[Any]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _derived(kind)


def _schema(identifier: str, kind: type[msgspec.Struct], states: dict[str, str]) -> Json:
    """Builds an open schema: readers ignore fields added later. `states`: the `$id` of each state, by class name."""
    _, components = msgspec.json.schema_components([kind])
    defs: Json = {}

    def rewrite(part: Any) -> Any:
        if isinstance(part, list):
            return [rewrite(each) for each in part]
        if not isinstance(part, dict):
            return part
        rest = {name: rewrite(value) for name, value in part.items()}
        if rest.get("additionalProperties") is False:
            del rest["additionalProperties"]
        return {**rest, "$ref": refer(part["$ref"])} if "$ref" in part else rest

    def refer(reference: str) -> str:
        name = reference.rpartition("/")[2]
        if name in states:
            return states[name]
        if name not in defs:
            defs[name] = {}
            defs[name] = rewrite(components[name])
        return reference

    own = rewrite(components[kind.__name__])
    return {"$schema": DIALECT, "$id": identifier, **own, **({"$defs": defs} if defs else {})}


def _text(kind: str, schema: Json) -> str:
    return json.dumps({"schema": schema, "example": _example(kind, schema)}, ensure_ascii=False, indent=2) + "\n"


def _example(kind: str, schema: Json) -> Json:
    """Merges the written example over the examples of the states that the event carries."""
    examples = _examples(_service_of(kind))
    if kind not in examples:
        raise Stopped(f"write an example of {kind} in event_examples.json of its service")
    carried = {
        name: examples[field["$ref"].removeprefix(PREFIX)] | examples[kind].get(name, {})
        for name, field in schema["properties"].items()
        if field.get("$ref", "").startswith(PREFIX)
    }
    return {**examples[kind], **carried}


@cache
def _examples(service: str) -> dict[str, Json]:
    file = ROOT / "services" / service / "event_examples.json"
    if not file.exists():
        raise Stopped(f"create {file.relative_to(ROOT)}: an object with an example of each event of {service}, by type")
    examples: dict[str, Json] = json.loads(file.read_text(encoding="utf-8"))
    return examples


def _service_of(kind: str) -> str:
    return kind.partition(".")[0]


def _path_of(kind: str) -> Path:
    service, _, name = kind.partition(".")
    return Path("services", service, "contracts", f"{name}.json")
