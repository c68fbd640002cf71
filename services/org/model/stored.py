"""Reading what was stored: strict types check what comes in, and must not make old or newer data unreadable."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec
from msgspec.inspect import StructType, Type, VarTupleType

S = TypeVar("S", bound=msgspec.Struct)
_shape = cache(msgspec.inspect.type_info)


def stored(value: dict[str, Any], kind: type[S]) -> S:
    """The struct without the fields that it does not have: an earlier version had them, or a later one has."""
    return msgspec.convert(_known(value, _shape(kind)), kind)


def _known(value: Any, shape: Type) -> Any:
    if isinstance(shape, StructType):
        fields = ((field.encode_name, field.type) for field in shape.fields)
        return {name: _known(value[name], inner) for name, inner in fields if name in value}
    if isinstance(shape, VarTupleType):
        return [_known(item, shape.item_type) for item in value]
    return value
