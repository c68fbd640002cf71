"""What a version reads of what it finds stored, and what it leaves of it when it stores a change.

Strict types check what comes in. They must not make older or newer data unreadable, nor lose what a later version
put there: during an upgrade replicas of both run side by side.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET
from msgspec.inspect import LiteralType, StructType, Type, VarTupleType

S = TypeVar("S", bound=msgspec.Struct)
_shape = cache(msgspec.inspect.type_info)


def stored(value: dict[str, Any], kind: type[S]) -> S:
    """The struct without what this version does not know: fields, and codes (the values of a `Literal`).

    A field with such a code is read as its default; an item that cannot be without the field is left out.
    """
    return msgspec.convert(_known(value, _shape(kind)), kind)


def changed(value: Any, before: Any, after: Any) -> Any:
    """What to store in the place of `value`, which this version reads as `before` and wants to be `after`.

    What did not change stays as it is stored, and so does what this version does not know. An item of a list is known
    by its `code`.
    """
    if after == before:
        return value
    if isinstance(value, dict) and isinstance(after, dict):
        before = before or {}
        wanted = {name: changed(value.get(name, each), before.get(name), each) for name, each in after.items()}
        return wanted | {name: each for name, each in value.items() if name not in {**before, **after}}
    if isinstance(value, list | tuple) and isinstance(after, list | tuple):
        found, read, wanted = _by_code(value), _by_code(before or ()), _by_code(after)
        items = [changed(found.get(code, item), read.get(code), item) for code, item in wanted.items()]
        return items + [item for code, item in found.items() if code not in {**read, **wanted}]
    return after


def _by_code(items: list[Any] | tuple[Any, ...]) -> dict[str, Any]:
    return {item["code"] if isinstance(item, dict) else item: item for item in items}


def _known(value: Any, shape: Type) -> Any:
    """UNSET: nothing that this version could read."""
    if isinstance(shape, LiteralType):
        return value if value in shape.values else UNSET
    if isinstance(shape, VarTupleType):
        items = [known for item in value if (known := _known(item, shape.item_type)) is not UNSET]
        return items if items or not value else UNSET
    if not isinstance(shape, StructType):
        return value
    fields = {field.encode_name: field for field in shape.fields if field.encode_name in value}
    read = {name: _known(value[name], field.type) for name, field in fields.items()}
    if any(field.required and read[name] is UNSET for name, field in fields.items()):
        return UNSET
    return {name: known for name, known in read.items() if known is not UNSET}
