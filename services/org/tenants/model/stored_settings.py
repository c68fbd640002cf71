"""Tolerant reader of stored settings, and a merge that keeps what this version does not know.

Strict types check input. They must not make older or newer stored data unreadable, nor lose what a later version
stored: during an upgrade, service replicas of both versions run side by side.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from msgspec.inspect import LiteralType, Metadata, StructType, Type, VarTupleType

S = TypeVar("S", bound=msgspec.Struct)
_type_info = cache(msgspec.inspect.type_info)


def read_stored(value: dict[str, Any], kind: type[S]) -> S:
    """Returns the struct without fields and codes (values of a `Literal`) that this version does not know.

    A field with an unknown code gets its default; a list item that requires the field is left out.
    """
    return msgspec.convert(_readable(value, _type_info(kind)), kind)


def merge_change(value: Any, before: Any, after: Any) -> Any:
    """Returns the value to store instead of `value`, which this version reads as `before` and changes to `after`.

    Unchanged values stay as stored, and so do values that this version does not know. List items are matched by
    their `code`.
    """
    if after == before:
        return value
    if isinstance(value, dict) and isinstance(after, dict):
        before = before or {}
        merged = {name: merge_change(value.get(name, each), before.get(name), each) for name, each in after.items()}
        return (
            merged
            | {name: each for name, each in value.items() if name not in {**before, **after}}
            | {name: rest for name in before.keys() - after if (rest := _unknown(value.get(name), before[name]))}
        )
    if isinstance(value, list | tuple) and isinstance(after, list | tuple):
        stored, known, changed = _by_code(value), _by_code(before or ()), _by_code(after)
        items = [merge_change(stored.get(code, item), known.get(code), item) for code, item in changed.items()]
        return items + [item for code, item in stored.items() if code not in {**known, **changed}]
    return after


def _unknown(value: Any, removed: Any) -> Any:
    """Returns what a removed section holds that this version does not know."""
    return merge_change(value, removed, {}) if isinstance(value, dict) and isinstance(removed, dict) else None


def _by_code(items: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    return {item["code"] if isinstance(item, dict) else item: item for item in items}


def _readable(value: Any, shape: Type) -> Any:
    """Returns the part of the value that this version can read, or UNSET if there is none."""
    if isinstance(shape, Metadata):
        return _readable(value, shape.type)
    if isinstance(shape, LiteralType):
        return value if value in shape.values else UNSET
    if isinstance(shape, VarTupleType):
        items = [each for item in value if (each := _readable(item, shape.item_type)) is not UNSET]
        return items if items or not value else UNSET
    if not isinstance(shape, StructType):
        return value
    fields = {field.encode_name: field for field in shape.fields if field.encode_name in value}
    read = {name: _readable(value[name], field.type) for name, field in fields.items()}
    if any(field.required and read[name] is UNSET for name, field in fields.items()):
        return UNSET
    return {name: each for name, each in read.items() if each is not UNSET}
