"""Shapes of a tenant's settings: one typed object, checked as a whole whenever it changes.

Limits are checked here by shape; the service that keeps the clock checks what they mean. What is stored is read with
the same types (`tenants.stored_settings`): a bound that becomes narrower would make it unreadable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time
from typing import Annotated, Literal
from zoneinfo import available_timezones

import msgspec
from msgspec import UNSET, UnsetType

from chassis.errors import Fault, Invalid
from chassis.types import Form

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
"""`check` refuses blanks alone, and not this type, so that stored settings that have some can be read."""
Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
SpanText = Annotated[str, msgspec.Meta(pattern=r"^([1-9][0-9]{0,3}(min|h|wh)|[1-9][0-9]{0,2}(wd|d))$")]
"""`10min` and `2h` of clock time, `2wh` and `5wd` of working hours and days, `15d` natural days."""

Priority = Literal["P1", "P2", "P3", "P4"]
_CODE = r"^(component|event|dispute|service)(\.[a-z0-9]+(-[a-z0-9]+)*){2}$"


class Category(Form, frozen=True, kw_only=True):
    """What a case is about.

    `priority` is provisional until registration. `on_site`: there is a place to look at, so the report is
    verified. `personal`: a claim of one's own (wages), never merged with another's.
    """

    code: Annotated[str, msgspec.Meta(pattern=_CODE, max_length=80)]
    zh: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    en: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    priority: Priority = "P3"
    on_site: bool = True
    personal: bool = False


class ByPriority(Form, frozen=True, kw_only=True):
    """A limit for some priorities; one that is not named keeps its default."""

    P1: SpanText | UnsetType = UNSET
    P2: SpanText | UnsetType = UNSET
    P3: SpanText | UnsetType = UNSET
    P4: SpanText | UnsetType = UNSET


class Limits(Form, frozen=True, kw_only=True):
    """What a tenant replaces of the usual limits, which the service that keeps the clock knows."""

    case: ByPriority | UnsetType = UNSET
    verify: ByPriority | UnsetType = UNSET
    dispatch: ByPriority | UnsetType = UNSET
    accept: ByPriority | UnsetType = UNSET
    contact: ByPriority | UnsetType = UNSET
    report_in: ByPriority | UnsetType = UNSET
    ruling: ByPriority | UnsetType = UNSET
    urge: ByPriority | UnsetType = UNSET
    suspension: SpanText | UnsetType = UNSET
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


class Calendar(Form, frozen=True, kw_only=True):
    """The tenant's time zone and working time.

    `days_off` and `working_days` overrule the public holidays (China's with their make-up days, or none)
    and the week.
    """

    zone: Annotated[str, msgspec.Meta(max_length=40)] = "Asia/Shanghai"
    opens: time = time(9)
    closes: time = time(17)
    holidays: Literal["china", "none"] = "china"
    days_off: Annotated[tuple[date, ...], msgspec.Meta(max_length=400)] = ()
    working_days: Annotated[tuple[date, ...], msgspec.Meta(max_length=400)] = ()


class Features(Form, frozen=True, kw_only=True):
    """What a tenant has switched on. `managed_residents` (管理型) needs the statute that allows it."""

    managed_residents: bool = False
    managed_residents_statute: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Retention(Form, frozen=True, kw_only=True):
    """How long personal data are kept, in months and years."""

    resident_category_months: Annotated[int, msgspec.Meta(ge=1, le=120)] = 12
    case_person_years: Annotated[int, msgspec.Meta(ge=1, le=30)] = 3
    volunteer_hours_years: Annotated[int, msgspec.Meta(ge=1, le=30)] = 10


class Inventory(Form, frozen=True, kw_only=True):
    """A dedicated inventory of grids (党建+卫生网格): counted by itself, never added to the main one."""

    code: Slug
    name: Name


class Hazard(Form, frozen=True, kw_only=True):
    """What an emergency is declared for: five that are fended off (五防), two that are kept up (两保)."""

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
    """`max_days` bounds every declaration; `limits` replace the tenant's while one is in force."""

    max_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 15
    limits: Limits = EMERGENCY_LIMITS
    hazards: Annotated[tuple[Hazard, ...], msgspec.Meta(min_length=1, max_length=30)] = FIVE_AND_TWO


class Settings(Form, frozen=True, kw_only=True):
    """All that a tenant decides for itself. `categories` extend the standard ones, or replace them by code."""

    name: Name
    languages: Annotated[tuple[Literal["zh-CN", "en"], ...], msgspec.Meta(min_length=1, max_length=2)] = ("zh-CN", "en")
    limits: Limits = Limits()
    categories: Annotated[tuple[Category, ...], msgspec.Meta(max_length=500)] = ()
    calendar: Calendar = Calendar()
    features: Features = Features()
    retention: Retention = Retention()
    inventories: Annotated[tuple[Inventory, ...], msgspec.Meta(max_length=60)] = ()
    emergency: EmergencyRules = EmergencyRules()

    def check(self) -> None:
        """Raises `Invalid` that names every setting which contradicts another or means nothing."""
        wrong = [*_calendar_faults(self.calendar), *self._name_faults(), *self._faults()]
        if wrong:
            raise Invalid(*wrong)

    def _name_faults(self) -> Iterator[Fault]:
        for field, names in (
            ("name", [self.name]),
            ("categories", [name for category in self.categories for name in (category.zh, category.en)]),
            ("inventories", [inventory.name for inventory in self.inventories]),
            ("emergency.hazards", [hazard.name for hazard in self.emergency.hazards]),
        ):
            if not all(name.strip() for name in names):
                yield field, "a name must not be blank", "名称不得为空白"

    def _faults(self) -> Iterator[Fault]:
        if self.features.managed_residents and not self.features.managed_residents_statute.strip():
            yield (
                "features.managed_residents_statute",
                "name the statute that allows managed residents, or leave them off",
                "请填写准许此功能的法规依据,否则不得启用",
            )
        for field, coded, en, zh in (
            ("categories", self.categories, "categories", "类别"),
            ("inventories", self.inventories, "inventories", "专用网格"),
            ("emergency.hazards", self.emergency.hazards, "hazards", "应急事项"),
        ):
            if _repeats(each.code for each in coded):
                yield field, f"two {en} have the same code", f"有两个{zh}的编码相同"


def _calendar_faults(calendar: Calendar) -> Iterator[Fault]:
    if calendar.zone not in available_timezones():
        yield "calendar.zone", "is no IANA time zone, such as Asia/Shanghai", "须为 IANA 时区名,如 Asia/Shanghai"
    if calendar.opens.tzinfo or calendar.closes.tzinfo:
        yield "calendar.opens", "is local time, without an offset", "须为当地时间,不带时差"
    if calendar.opens.replace(tzinfo=None) >= calendar.closes.replace(tzinfo=None):
        yield "calendar.closes", "must be after `opens`", "须晚于 `opens`"
    if set(calendar.days_off) & set(calendar.working_days):
        yield "calendar.working_days", "a day cannot be both worked and off", "同一天不能既上班又休息"


def _repeats(codes: Iterable[str]) -> bool:
    listed = list(codes)
    return len(listed) != len(set(listed))
