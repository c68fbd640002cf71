"""Aggregate of responsibility lists (网格职责清单, 三张清单): the lead of a category at a tier, and the legal basis."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar

from mongoengine import DateTimeField, IntField, ListField, StringField

from chassis.clock import to_milliseconds
from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Invalid, NotFound, Refused, one_of
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.responsibilities import NewEntry
from services.org.responsibilities.events import ListEntryChanged
from vocabulary.categories import with_groups
from vocabulary.tiers import Tier

LISTS = {"duties": "职责任务清单", "public_services": "公共服务清单", "territorial": "属地管理清单"}
TIERS = (Tier.ESTATE, Tier.MICRO_GRID, Tier.GRID, Tier.COMMUNITY, Tier.STREET, Tier.COUNTY, Tier.CITY)
"""The tiers that an entry may name, lowest first."""


class Overlaps(Refused):
    """A matter has one lead, but `entry` is in force for the same category and tier in the same period."""

    code = "list_entry.overlaps"
    en = (
        "An entry with the lead {lead:unit} "
        "is already in force for this category and tier in that period; end it first."
    )
    zh = "同一类别、同一层级在该时段已有由{lead:unit}牵头的条目，请先终止该条目。"


class NotOnTheList(NotFound):
    code = "list_entry.none"
    en = (
        "No entry of the responsibility lists is in force for {category:category} "
        "at the {tier} tier at that time; add one first."
    )
    zh = "职责清单中没有当时有效的条目：{category:category}（{tier}），请先添加。"
    chinese = {"tier": Tier.zh_names()}
    english = {"tier": Tier.en_names()}


class ListEntry(VisibleToTenant):
    """An entry of a responsibility list, in force from `valid_from` up to `valid_until`, which only ever moves earlier.

    Its key is `<category>.<tier>.<number>`. Of two concurrent entries one finds its number taken, so the overlap
    check against the earlier entries cannot miss one.
    """

    meta = {"collection": "list_entries"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("_id",),
        ("kind", "_id"),
        ("category", "_id"),
        ("category", "tier", "number"),
    ]
    visible_to = ADMINISTRATORS
    has_natural_key = True

    kind: str = StringField(required=True)
    category: str = StringField(required=True)
    tier: str = StringField(required=True)
    number: int = IntField(required=True)
    lead: str = StringField(required=True)
    supporting: list[str] = ListField(StringField())
    legal_basis: str = StringField(required=True)
    valid_from: datetime = DateTimeField(required=True)
    valid_until: datetime | None = DateTimeField()

    @classmethod
    def make(cls, tenant: str, entry: NewEntry, earlier: Iterable[ListEntry], now: datetime) -> ListEntry:
        """Creates an entry. `earlier`: every entry of the same category and tier. Raises `Invalid`, `Overlaps`."""
        start = to_milliseconds(entry.valid_from or now)
        end = to_milliseconds(entry.valid_until) if entry.valid_until else None
        _check_entry(entry, start)
        earlier = list(earlier)
        for other in earlier:
            if other.overlaps(start, end):
                raise Overlaps(entry=other.key, lead=other.lead)
        number = max((other.number for other in earlier), default=0) + 1
        created = cls(
            id=cls.identity(tenant, f"{entry.category}.{entry.tier}.{number}"),
            tenant=tenant,
            number=number,
            kind=entry.kind,
            category=entry.category,
            tier=entry.tier,
            lead=entry.lead,
            supporting=[*entry.supporting],
            legal_basis=entry.legal_basis,
            valid_from=start,
            valid_until=end,
        )
        created.emit(created.state_event())
        return created

    def overlaps(self, start: datetime, end: datetime | None) -> bool:
        return (self.valid_until is None or start < self.valid_until) and (end is None or self.valid_from < end)

    def in_force(self, moment: datetime) -> bool:
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)

    def end(self, at: datetime, now: datetime) -> None:
        """Ends the entry at `at`. Raises `Invalid` if that is past, or later than the current end."""
        if at < now or (self.valid_until is not None and at > self.valid_until):
            raise Invalid(
                (
                    "at",
                    "must be now or later, and not after the current end",
                    "不得早于当前时间，也不得晚于原定终止时间",
                )
            )
        self.valid_until = max(to_milliseconds(at), self.valid_from)
        self.emit(self.state_event())

    def event_units(self) -> list[str]:
        return [self.lead, *self.supporting]

    def state_event(self) -> ListEntryChanged:
        return ListEntryChanged(
            id=self.key,
            kind=self.kind,
            category=self.category,
            tier=self.tier,
            lead=self.lead,
            supporting=[*self.supporting],
            legal_basis=self.legal_basis,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
        )


def entry_in_force(entries: Iterable[ListEntry], category: str, tier: str, moment: datetime) -> ListEntry:
    """Returns the entry in force at the moment for the category, or else its nearest group. Raises `NotOnTheList`."""
    holding = {entry.category: entry for entry in entries if entry.tier == tier and entry.in_force(moment)}
    for name in with_groups(category):
        if name in holding:
            return holding[name]
    raise NotOnTheList(category=category, tier=tier)


def _check_entry(entry: NewEntry, start: datetime) -> None:
    faults: list[Fault] = []
    if entry.kind not in LISTS:
        faults.append(one_of("kind", LISTS))
    if entry.tier not in TIERS:
        faults.append(one_of("tier", TIERS))
    if entry.lead in entry.supporting:
        faults.append(("supporting", "the lead unit cannot also be a supporting unit", "牵头单位不得同时为配合单位"))
    if entry.valid_until is not None and entry.valid_until <= start:
        faults.append(("valid_until", "must be after the start", "须晚于开始时间"))
    if faults:
        raise Invalid(*faults)
