"""JSON Merge Patch (RFC 7396) of plain data, and the list of what it changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from services.org.api.tenants import SettingChange

_ABSENT: Any = object()


def merged(target: Any, patch: Any) -> Any:
    """Returns the target after the patch: null removes a member, objects are merged, and all else is replaced."""
    if not isinstance(patch, dict):
        return patch
    kept = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = merged(kept.get(name), value)
    return kept


def changes(before: Any, after: Any, path: str = "") -> Iterator[SettingChange]:
    """Yields each value that differs. Items of a list that have a `code` are compared one by one."""
    if before == after:
        return
    parts = _members(before), _members(after)
    if None in parts:
        yield SettingChange(setting=path, previous=_plain(before), current=_plain(after))
        return
    old, new = parts
    for name in {**old, **new}:  # type: ignore[dict-item]
        yield from changes(old.get(name, _ABSENT), new.get(name, _ABSENT), f"{path}.{name}".strip("."))  # type: ignore[union-attr]


def _members(value: Any) -> dict[str, Any] | None:
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple) and all(isinstance(item, dict) and "code" in item for item in value):
        return {item["code"]: item for item in value}
    return None


def _plain(value: Any) -> Any:
    return None if value is _ABSENT else value
