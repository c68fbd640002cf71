"""Routing: units suggested at dispatch, from the responsibility lists, with reasons; the dispatcher decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from services.cases.api.analytics import SuggestedUnit
from services.cases.case.texts_zh import LISTS
from services.cases.directory.list_entries import Entry
from vocabulary.tiers import TIERS, Tier


class Record(msgspec.Struct, frozen=True):
    """Track record of a unit's first dispatches in a category. `right`: those that were kept."""

    dispatched: int
    right: int


def suggestions(
    entries: Iterable[Entry],
    *,
    category: str,
    tier: str,
    now: datetime,
    records: Mapping[str, Record] | None = None,
    about: str = "",
    returned_by: frozenset[str] = frozenset(),
) -> list[SuggestedUnit]:
    """Returns the units that a list names for the category, the case's own tier first, then the nearest.

    Leaves out the unit the complaint is about (回避) and units that have returned the case.
    """
    records = records or {}
    named = [
        entry
        for entry in entries
        if entry.category == category and entry.holds(now) and entry.lead not in returned_by | {about}
    ]
    named.sort(key=lambda entry: (_distance(entry.tier, tier), -_share(records.get(entry.lead)), entry.id))
    return [_suggestion(entry, tier, records.get(entry.lead), about) for entry in named]


def _distance(tier: str, other: str) -> int:
    return abs(TIERS.index(tier) - TIERS.index(other))


def _share(record: Record | None) -> float:
    return record.right / record.dispatched if record and record.dispatched else 0.0


def _suggestion(entry: Entry, tier: str, record: Record | None, about: str) -> SuggestedUnit:
    en = [f"The list {entry.kind!r} names {entry.lead} as lead for {entry.category} at the {entry.tier} tier"]
    by_list = LISTS.get(entry.kind, f"「{entry.kind}」清单")
    zh = [f"{by_list}规定 {entry.category} 在{Tier(entry.tier).zh}层级由 {entry.lead} 牵头"]
    if entry.tier != tier:
        en.append(f"no entry of the {tier} tier ranks higher")
        zh.append(f"{Tier(tier).zh}层级没有更优先的条目")
    if entry.legal_basis:
        en.append(f"legal basis: {entry.legal_basis}")
        zh.append(f"依据：{entry.legal_basis}")
    if record and record.dispatched:
        en.append(f"it kept {record.right} of {record.dispatched} first dispatches of this category")
        zh.append(f"该类首次派单 {record.dispatched} 件，准确 {record.right} 件")
    return SuggestedUnit(
        unit=entry.lead,
        entry=entry.id,
        supporting=[unit for unit in entry.supporting if unit != about],
        right=round(_share(record), 4) if record and record.dispatched else None,
        why={"en": "; ".join(en) + ".", "zh-CN": "；".join(zh) + "。"},
    )
