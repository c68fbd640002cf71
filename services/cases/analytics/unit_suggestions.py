"""Routing: units suggested at dispatch, from the responsibility lists, with reasons; the dispatcher decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from chassis.sentences import CHINESE, Words, say
from services.cases.api.analytics import SuggestedUnit
from services.cases.case import texts_en
from services.cases.case.texts_zh import LISTS, Labels
from services.cases.directory.list_entries import Entry
from vocabulary.categories import with_groups
from vocabulary.tiers import TIERS, Tier

#: Why a unit is suggested, in English and Chinese.
_BY_LIST = (
    "The {list:verbatim} names {lead:unit} as lead for {category:category} at the {at} tier",
    "{list:verbatim}规定{category:category}在{at}层级由{lead:unit}牵头",
)
_NONE_NEARER = "no entry of the {own} tier ranks higher", "{own}层级没有更优先的条目"
_BASIS = "legal basis: {basis}", "依据：{basis}"
_KEPT = (
    "it kept {right} of {dispatched} first dispatches of this category",
    "该类首次派单 {dispatched} 件，准确 {right} 件",
)
_EN: Mapping[str, Labels] = {"list": texts_en.LISTS, "at": Tier.en_names(), "own": Tier.en_names()}
_ZH: Mapping[str, Labels] = {"list": LISTS, "at": Tier.zh_names(), "own": Tier.zh_names()}


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
    words: Words | None = None,
) -> list[SuggestedUnit]:
    """Returns the units that a list names for the category or a group of it, each once, by its best entry.

    The case's own tier comes first, then the nearest; in a tier the category itself before its groups.
    Leaves out the unit the complaint is about (回避) and units that have returned the case.
    """
    records = records or {}
    names = with_groups(category)
    named = [
        entry
        for entry in entries
        if entry.category in names and entry.holds(now) and entry.lead not in returned_by | {about}
    ]

    def rank(entry: Entry) -> tuple[int, int, float, str]:
        share = _share(records.get(entry.lead))
        return _distance(entry.tier, tier), names.index(entry.category), -share, entry.id

    best: dict[str, Entry] = {}
    for entry in sorted(named, key=rank):
        best.setdefault(entry.lead, entry)
    return [_suggestion(entry, tier, records.get(entry.lead), about, words) for entry in best.values()]


def _distance(tier: str, other: str) -> int:
    return abs(TIERS.index(tier) - TIERS.index(other))


def _share(record: Record | None) -> float:
    return record.right / record.dispatched if record and record.dispatched else 0.0


def _suggestion(entry: Entry, tier: str, record: Record | None, about: str, words: Words | None) -> SuggestedUnit:
    return SuggestedUnit(
        unit=entry.lead,
        entry=entry.id,
        supporting=[unit for unit in entry.supporting if unit != about],
        right=round(_share(record), 4) if record and record.dispatched else None,
        why=_why(entry, tier, record, words),
    )


def _why(entry: Entry, tier: str, record: Record | None, words: Words | None) -> dict[str, str]:
    reasons = [_BY_LIST]
    reasons += [_NONE_NEARER] if entry.tier != tier else []
    reasons += [_BASIS] if entry.legal_basis else []
    reasons += [_KEPT] if record and record.dispatched else []
    values = {"list": entry.kind, "lead": entry.lead, "category": entry.category, "at": entry.tier, "own": tier}
    values |= {"basis": entry.legal_basis, **(msgspec.structs.asdict(record) if record else {})}
    en, zh = "; ".join(en for en, _ in reasons) + ".", "；".join(zh for _, zh in reasons) + "。"
    return {"en": say(en, values, "en", words, _EN), CHINESE: say(zh, values, CHINESE, words, _ZH)}
