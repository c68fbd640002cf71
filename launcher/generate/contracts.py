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

from chassis.envelope import PREFIX, Event, PublicState
from launcher.generate import examples
from launcher.problems import Stopped
from launcher.service_list import NAMES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Json = dict[str, Any]
Kinds = dict[str, type[msgspec.Struct]]


def files() -> dict[Path, str]:
    """Returns every contract by its path from the repository root."""
    return {_path_of(kind): _text(kind, schema) for kind, schema in _schemas().items()}


def is_contract(file: Path) -> bool:
    """Whether the file is a contract as this module writes them: its schema has the type that the path names."""
    if file.is_symlink() or not file.is_file():
        return False
    try:
        content = json.loads(file.read_bytes())
        return bool(content["schema"]["$id"] == f"{PREFIX}{file.parents[1].name}.{file.stem}")
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


@cache
def published() -> Kinds:
    """Every event of every service on the list, and the states that they carry, by type."""
    for service in NAMES:
        prefix = f"services.{service}."
        for module in pkgutil.walk_packages(importlib.import_module(prefix[:-1]).__path__, prefix):
            if "events" in module.name.removeprefix(prefix):
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
    """Returns all subclasses of `base` in the services on the list, by type."""
    packages = tuple(f"services.{service}." for service in NAMES)
    return {kind.type: kind for kind in _derived(base) if "type" in vars(kind) and kind.__module__.startswith(packages)}


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
    contract = {"schema": schema, "example": _example(kind, schema)}
    return json.dumps(contract, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def examples_of_nothing() -> list[tuple[str, str]]:
    """Returns the service and the type of each written example that no event or state has."""
    used = published()
    services = sorted({_service_of(kind) for kind in used})
    return [(service, kind) for service in services for kind in examples.of(service) if kind not in used]


def _example(kind: str, schema: Json) -> Json:
    """Merges the written example over the examples of the states that the event carries."""
    own = _written(kind)
    carried = {
        name: _written(field["$ref"].removeprefix(PREFIX)) | _own_part(kind, name, own)
        for name, field in schema["properties"].items()
        if field.get("$ref", "").startswith(PREFIX)
    }
    return {**own, **carried}


def _own_part(kind: str, name: str, own: Json) -> Json:
    """Returns what the example of an event says differently from the example of the state that it carries."""
    part = own.get(name, {})
    if not isinstance(part, dict):
        raise Stopped(f"the example of {kind} in event_examples.json has a {name!r} that is no object; make it one")
    return part


def _written(kind: str) -> Json:
    example = examples.of(_service_of(kind)).get(kind)
    if not isinstance(example, dict):
        raise Stopped(f"write an example of {kind} in event_examples.json of its service, as an object")
    return example


def _service_of(kind: str) -> str:
    return kind.partition(".")[0]


def _path_of(kind: str) -> Path:
    service, _, name = kind.partition(".")
    return Path("services", service, "contracts", f"{name}.json")
