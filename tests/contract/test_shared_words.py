"""A name means one thing: what two services declare under it could differ in a bound."""

from __future__ import annotations

import ast
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, get_origin

import msgspec
import pytest

from launcher.service_list import NAMES
from services.org.api.settings import Category
from tests.contract.test_gateway_operations import EVERY
from vocabulary.calendars import SpanText
from vocabulary.fields import MOST_OF_CATEGORY, EntryId
from vocabulary.tiers import Tier
from vocabulary.working_time import Span

LONGEST = ("event.street." + "x" * MOST_OF_CATEGORY)[:MOST_OF_CATEGORY]
WITH_CATEGORY = dict.fromkeys(each.form for each in EVERY if each.form and "category" in each.form.__struct_fields__)
#: What every service may import.
SHARED = ("chassis.types", "vocabulary.fields", "vocabulary.calendars")


def modules() -> Iterator[ModuleType]:
    for name in SHARED:
        yield import_module(name)
    for service in NAMES:
        shapes = import_module(f"services.{service}.api")
        yield from (import_module(each.name) for each in pkgutil.walk_packages(shapes.__path__, shapes.__name__ + "."))


def declared(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yields the public aliases and classes that the module itself declares."""
    for node in ast.parse(inspect.getsource(module)).body:
        match node:
            case ast.ClassDef(name=name):
                names = [name]
            case ast.Assign(targets=targets):
                names = [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                names = [name]
            case _:
                names = []
        for name in names:
            kind = getattr(module, name)
            if not name.startswith("_") and (isinstance(kind, type) or get_origin(kind)):
                yield name, kind


def content(kind: Any) -> Any:
    """What a type takes, and what it says of it: of a closed vocabulary the words alone."""
    try:
        [shape], parts = msgspec.json.schema_components([kind])
    except TypeError:
        return kind  # no type of the API, such as an error
    words = parts.get(getattr(kind, "__name__", ""), shape).get("enum")
    return sorted(words) if words else (shape, parts)


def test_coordinates_are_lon_and_lat_in_every_form() -> None:
    bounds = {(-180, 180): "lon", (-90, 90): "lat"}
    named = set()
    for form in {each.form for each in EVERY if each.form}:
        _, parts = msgspec.json.schema_components([form])
        for name, field in ((n, f) for part in parts.values() for n, f in part.get("properties", {}).items()):
            for each in (field, *field.get("anyOf", [])):
                if said := bounds.get((each.get("minimum"), each.get("maximum"))):
                    named.add((said, name))
    assert named == {("lon", "lon"), ("lat", "lat")}


def test_no_two_declarations_of_a_name_differ() -> None:
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for module in modules():
        for name, kind in declared(module):
            found[name][module.__name__] = content(kind)
    assert len(found) > 200
    assert [f"{name}: {sorted(homes)}" for name, homes in found.items() if differ([*homes.values()])] == []


def differ(contents: list[Any]) -> bool:
    return any(each != contents[0] for each in contents)


@pytest.mark.parametrize("form", WITH_CATEGORY)
def test_a_category_that_a_tenant_may_define_can_be_used_everywhere(form: type[msgspec.Struct]) -> None:
    defined = msgspec.convert({"code": LONGEST, "zh": "类别", "en": "Category"}, Category)
    [kind] = [field.type for field in msgspec.structs.fields(form) if field.name == "category"]
    assert msgspec.convert(defined.code, kind) == LONGEST


def test_an_entry_of_the_longest_category_has_an_id_that_can_be_sent() -> None:
    for tier in Tier:
        msgspec.convert(f"{LONGEST}.{tier}.99999", EntryId)


@pytest.mark.parametrize("text", ["1min", "9999min", "9999h", "9999wh", "999wd", "999d"])
def test_a_span_that_settings_take_is_one_that_the_clock_counts(text: str) -> None:
    assert Span.parse(msgspec.convert(text, SpanText)).length
