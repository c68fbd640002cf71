"""Type of a JSON Merge Patch (RFC 7396): the resource with every member optional, and null to reset it."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

MERGE_PATCH = "application/merge-patch+json"


@cache
def partial(resource: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """Returns the type of a patch of the resource. Lists are replaced whole, so their items stay as they are."""
    hints = get_type_hints(resource, include_extras=True)
    fields: list[Any] = [(name, _partial(hints[name]) | None | UnsetType, UNSET) for name in resource.__struct_fields__]
    return msgspec.defstruct(
        f"{resource.__name__}Patch", fields, kw_only=True, namespace={"__doc__": f"Changes of a {resource.__name__}."}
    )


def _partial(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return partial(kind)
    if get_origin(kind) is Annotated:
        inner, *notes = get_args(kind)
        return Annotated[_partial(inner), *notes]
    if isinstance(kind, type(int | str)):
        return Union[tuple(_partial(each) for each in get_args(kind))]  # noqa: UP007  # the members are only known here
    return kind
