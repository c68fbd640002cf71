"""Settings as they are shown and sent back: with the defaults in force and the standard categories.

Only what differs from these is stored, so a later version can improve a default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import UNSET

from chassis.errors import Fault, Invalid
from chassis.types import Answer
from services.org.api.settings import ByPriority, Limits, Settings
from services.org.tenants.model.categories import STANDARD, with_standard
from vocabulary.limits import DEFAULT_LIMITS

IsUsed = Callable[[str, str], bool]
"""Returns whether something still uses the code in that list of the settings."""
_DEFAULTS: Answer = msgspec.to_builtins(msgspec.convert(DEFAULT_LIMITS, Limits))


def shown(settings: Settings) -> Answer:
    """Returns the settings as plain data, with every default."""
    plain: Answer = msgspec.to_builtins(settings)
    for name, default in _DEFAULTS.items():
        own = plain["limits"].get(name, default)
        plain["limits"][name] = {**default, **own} if isinstance(default, dict) else own
    plain["categories"] = msgspec.to_builtins(with_standard(settings.categories))
    return plain


def overrides(settings: Settings) -> Settings:
    """Returns the settings without the limits and categories that are the default ones."""
    standard = {category.code: category for category in STANDARD}
    own = tuple(category for category in settings.categories if category != standard.get(category.code))
    return msgspec.structs.replace(settings, limits=_own_limits(settings.limits), categories=own)


def _own_limits(limits: Limits) -> Limits:
    own: dict[str, Any] = {}
    for name, default in _DEFAULTS.items():
        value = getattr(limits, name)
        if isinstance(value, ByPriority):
            spans = {each: span for each, span in msgspec.to_builtins(value).items() if span != default[each]}
            own[name] = ByPriority(**spans) if spans else UNSET
        else:
            own[name] = UNSET if value == default else value
    return Limits(**own)


def require_kept(before: Settings, after: Settings, is_used: IsUsed) -> None:
    """Raises `Invalid` for each code that is missing in `after` and may not be."""
    removed: list[tuple[str, Iterable[str], tuple[str, str]]] = [
        (
            "categories",
            _codes(before.categories) - _codes(after.categories),
            ("a category is never removed: set its `retired` to true", "类别不得删除，可将其 retired 设为 true 停用"),
        ),
        (
            "inventories",
            _codes(before.inventories) - _codes(after.inventories),
            ("it still has grids; merge them first", "其下仍有网格，请先整合"),
        ),
        (
            "emergency.hazards",
            _codes(before.emergency.hazards) - _codes(after.emergency.hazards),
            ("an emergency is declared for it; end it first", "相应应急状态尚未结束，请先结束"),
        ),
    ]
    faults: list[Fault] = [
        (f"{field}.{code}", en, zh)
        for field, codes, (en, zh) in removed
        for code in sorted(codes)
        if field == "categories" or is_used(field, code)
    ]
    if faults:
        raise Invalid(*faults)


def _codes(items: Iterable[Any]) -> set[str]:
    return {item.code for item in items}
