"""API structs of a tenant's settings: one typed object, validated as a whole whenever it changes.

Only the form of limits is checked here; the cases service, which runs the clocks, checks their meaning. Stored
settings are read with the same types (`tenants.stored_settings`), so a stricter bound would make them unreadable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chassis.errors import Fault, Invalid
from chassis.types import UNSHOWN, Form, exactly, in_words, is_blank
from vocabulary.calendars import Calendar, SpanText
from vocabulary.care import Care, Visited
from vocabulary.fields import MOST_OF_CATEGORY, Slug
from vocabulary.reading import UnusualReading
from vocabulary.reasons import ListedReason, Reasons
from vocabulary.rights_requests import RightsRequests

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
"""`Settings.check` refuses names that say nothing or hold control characters; this type does not, so that stored
settings with such names stay readable."""

NOT_YET = "Kept and published; nothing acts on it yet."
"""Said of a setting that waits for the service which will read it."""

Priority = Literal["P1", "P2", "P3", "P4"]
_CODE = in_words(
    exactly(r"(component|event|dispute|service)(\.[a-z0-9]+(-[a-z0-9]+)*){2}"),
    "it must be component, event, dispute or service, a group and an item, like event.street.noise",
    "须由 component、event、dispute 或 service 加类、项组成，如 event.street.noise",
)


class Category(Form, frozen=True, kw_only=True):
    """A category of cases.

    `priority`: provisional until registration. `on_site`: there is a place to inspect, so reports are verified.
    `personal`: an individual claim (such as wages), never merged with another one. `retired`: new reports cannot
    choose it; cases that have it keep it.
    """

    code: Annotated[str, msgspec.Meta(pattern=_CODE, max_length=MOST_OF_CATEGORY)]
    zh: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    en: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    priority: Priority = "P3"
    on_site: bool = True
    personal: bool = False
    retired: bool = False


class ByPriority(Form, frozen=True, kw_only=True):
    """A limit by priority; an omitted one has its default."""

    P1: SpanText | UnsetType = UNSET
    P2: SpanText | UnsetType = UNSET
    P3: SpanText | UnsetType = UNSET
    P4: SpanText | UnsetType = UNSET


class Limits(Form, frozen=True, kw_only=True):
    """The limits of a case and its steps; an omitted one has its default (`vocabulary.limits`)."""

    case: ByPriority | UnsetType = UNSET
    verify: ByPriority | UnsetType = UNSET
    dispatch: ByPriority | UnsetType = UNSET
    accept: ByPriority | UnsetType = UNSET
    contact: ByPriority | UnsetType = UNSET
    report_in: ByPriority | UnsetType = UNSET
    ruling: ByPriority | UnsetType = UNSET
    urge: ByPriority | UnsetType = UNSET
    suspension: SpanText | UnsetType = UNSET
    all_suspensions: SpanText | UnsetType = UNSET
    planned: SpanText | UnsetType = UNSET
    rating: SpanText | UnsetType = UNSET
    objection: SpanText | UnsetType = UNSET
    reopening: SpanText | UnsetType = UNSET
    appeal: SpanText | UnsetType = UNSET


EMERGENCY_LIMITS = Limits(
    case=ByPriority(P2="12h", P3="24h", P4="7d"),
    dispatch=ByPriority(P2="30min", P3="1h", P4="1h"),
    accept=ByPriority(P2="30min", P3="1h", P4="1h"),
    report_in=ByPriority(P2="10min", P3="10min", P4="10min"),
)


class Features(Form, frozen=True, kw_only=True):
    """Feature switches. `managed_residents` (管理型) requires the statute that allows it; switching it off destroys all
    entries."""

    managed_residents: bool = False
    managed_residents_statute: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Retention(Form, frozen=True, kw_only=True):
    """How long personal data are kept, in months and years. A category of a resident: since its last review."""

    resident_category_months: Annotated[int, msgspec.Meta(ge=1, le=120)] = 12
    case_person_years: Annotated[int, msgspec.Meta(ge=1, le=30, description=NOT_YET)] = 3
    volunteer_hours_years: Annotated[int, msgspec.Meta(ge=1, le=30, description=NOT_YET)] = 10


class Inventory(Form, frozen=True, kw_only=True):
    """A dedicated inventory of grids (党建+卫生网格), counted separately from the main one."""

    code: Slug
    name: Name


class Hazard(Form, frozen=True, kw_only=True):
    """What an emergency is declared for: five hazards to prevent (五防), two supplies to secure (两保)."""

    code: Slug
    kind: Literal["prevent", "secure"]
    name: Name


FIVE_AND_TWO = (
    Hazard(code="flood", kind="prevent", name="防汛"),
    Hazard(code="fire", kind="prevent", name="防火"),
    Hazard(code="landslide", kind="prevent", name="防地质灾害"),
    Hazard(code="epidemic", kind="prevent", name="防疫"),
    Hazard(code="accident", kind="prevent", name="防安全事故"),
    Hazard(code="supply", kind="secure", name="保供应"),
    Hazard(code="passage", kind="secure", name="保畅通"),
)


class EmergencyRules(Form, frozen=True, kw_only=True):
    """Rules of emergency mode. `max_days`: the longest declaration. `limits` override the tenant's during one."""

    max_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 15
    limits: Limits = EMERGENCY_LIMITS
    hazards: Annotated[tuple[Hazard, ...], msgspec.Meta(min_length=1, max_length=30)] = FIVE_AND_TWO


class Settings(Form, frozen=True, kw_only=True):
    """The settings of a tenant. `categories` extend the standard ones, or replace those with the same code."""

    name: Name
    languages: Annotated[
        tuple[Literal["zh-CN", "en"], ...], msgspec.Meta(min_length=1, max_length=2, description=NOT_YET)
    ] = ("zh-CN", "en")
    limits: Limits = Limits()
    categories: Annotated[tuple[Category, ...], msgspec.Meta(max_length=500)] = ()
    calendar: Calendar = Calendar()
    features: Features = Features()
    retention: Retention = Retention()
    inventories: Annotated[tuple[Inventory, ...], msgspec.Meta(max_length=60)] = ()
    emergency: EmergencyRules = EmergencyRules()
    reasons: Reasons = Reasons()
    care: Care = Care()
    rights_requests: RightsRequests = RightsRequests()
    unusual_reading: UnusualReading = UnusualReading()

    def check(self) -> None:
        """Raises `Invalid` that names every meaningless or contradictory setting."""
        faults = [
            *self.calendar.faults(),
            *self.unusual_reading.faults(),
            *self._name_faults(),
            *self._contradictions(),
        ]
        if faults:
            raise Invalid(*faults)

    def _name_faults(self) -> Iterator[Fault]:
        for field, names in (
            ("name", [self.name]),
            ("categories", [name for category in self.categories for name in (category.zh, category.en)]),
            ("inventories", [inventory.name for inventory in self.inventories]),
            ("emergency.hazards", [hazard.name for hazard in self.emergency.hazards]),
            ("care", [name for each in self._care() for name in (each.zh, each.en)]),
            ("reasons", [name for listed in self._reason_lists() for each in listed for name in (each.zh, each.en)]),
        ):
            if any(map(is_blank, names)):
                yield field, "a name must not be blank", "名称不得为空白"
            if any(map(UNSHOWN.search, names)):
                yield field, "a name must not contain control characters", "名称不得含有控制字符"

    def _contradictions(self) -> Iterator[Fault]:
        if self.features.managed_residents and is_blank(self.features.managed_residents_statute):
            yield (
                "features.managed_residents_statute",
                "name the statute that allows managed residents, or disable them",
                "请填写准许启用此功能的法规依据，否则不得启用",
            )
        for field, coded, en, zh in (
            ("categories", self.categories, "categories", "类别"),
            ("inventories", self.inventories, "inventories", "专用网格"),
            ("emergency.hazards", self.emergency.hazards, "hazards", "应急事项"),
            ("care.needs", self.care.needs, "classes of needs", "需求类别"),
            ("care.colours", self.care.colours, "colours", "户卡颜色"),
        ):
            if _has_duplicates(each.code for each in coded):
                yield field, f"two {en} have the same code", f"有两个{zh}的编码相同"
        if any(_has_duplicates(each.code for each in listed) for listed in self._reason_lists()):
            yield "reasons", "two reasons of one list have the same code", "同一清单中有两个事由的编码相同"

    def _care(self) -> tuple[Visited, ...]:
        return (*self.care.needs, *self.care.colours)

    def _reason_lists(self) -> tuple[tuple[ListedReason, ...], ...]:
        return msgspec.structs.astuple(self.reasons)


def _has_duplicates(codes: Iterable[str]) -> bool:
    all_codes = list(codes)
    return len(all_codes) != len(set(all_codes))
