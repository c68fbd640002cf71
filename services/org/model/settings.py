"""A tenant's settings: one typed object, checked as a whole whenever it changes.

Limits are checked here by shape; the service that keeps the clock checks what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

import msgspec

from chassis.errors import Invalid
from services.org.model.categories import STANDARD, Category
from services.org.model.holidays import HOLIDAYS, MAKE_UP_DAYS

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Percent = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Unit = Literal["minutes", "hours", "working_hours", "working_days", "days"]


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every part of the settings: a misspelt name is an error, not a setting without effect."""


class Span(_Part, frozen=True, kw_only=True):
    """A length of time. `minutes` and `hours` are clock time, `days` natural days, the others by the calendar."""

    amount: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    unit: Unit


def _span(text: str) -> Span:
    amount, unit = text.split()
    return Span(amount=int(amount), unit=unit)  # type: ignore[arg-type]


class PriorityLimits(_Part, frozen=True, kw_only=True):
    """The limits of one priority, each from its own start.

    `handle` runs from registration; `report_in` is a whistled unit's accept
    limit; `ruling` a dispute's; `urge` the time to answer a party who urges; `contact` the first contact.
    """

    handle: Span
    verify: Span
    dispatch: Span
    accept: Span
    contact: Span
    report_in: Span
    ruling: Span
    urge: Span


def _limits(handle: str, step: str, contact: str, report_in: str, ruling: str, urge: str) -> PriorityLimits:
    return PriorityLimits(
        handle=_span(handle),
        verify=_span(step),
        dispatch=_span(step),
        accept=_span(step),
        contact=_span(contact),
        report_in=_span(report_in),
        ruling=_span(ruling),
        urge=_span(urge),
    )


class Limits(_Part, frozen=True, kw_only=True):
    """After Beijing's 接诉即办; the percentages are of a case's limit: reminder, supervision, one tier up."""

    P1: PriorityLimits = _limits("2 hours", "10 minutes", "30 minutes", "10 minutes", "30 minutes", "1 hours")
    P2: PriorityLimits = _limits("24 hours", "1 hours", "4 hours", "30 minutes", "30 minutes", "1 hours")
    P3: PriorityLimits = _limits("7 days", "2 working_days", "24 hours", "30 minutes", "24 hours", "24 hours")
    P4: PriorityLimits = _limits("15 days", "2 working_days", "24 hours", "30 minutes", "24 hours", "24 hours")
    remind_at: Percent = 80
    supervise_at: Percent = 100
    raise_at: Percent = 150


EMERGENCY_LIMITS = Limits(
    P2=_limits("12 hours", "30 minutes", "1 hours", "10 minutes", "30 minutes", "1 hours"),
    P3=_limits("24 hours", "1 hours", "4 hours", "30 minutes", "30 minutes", "1 hours"),
    P4=_limits("7 days", "1 working_days", "24 hours", "30 minutes", "24 hours", "24 hours"),
)


class Calendar(_Part, frozen=True, kw_only=True):
    """Working time. `weekdays`: ISO numbers, Monday 1. A make-up day is worked though its weekday is not."""

    opens: time = time(9)
    closes: time = time(17)
    weekdays: tuple[Annotated[int, msgspec.Meta(ge=1, le=7)], ...] = (1, 2, 3, 4, 5)
    holidays: Annotated[tuple[date, ...], msgspec.Meta(max_length=400)] = HOLIDAYS
    make_up_days: Annotated[tuple[date, ...], msgspec.Meta(max_length=200)] = MAKE_UP_DAYS


class Features(_Part, frozen=True, kw_only=True):
    """What a tenant has switched on. `managed_residents` (管理型) needs the statute that allows it."""

    managed_residents: bool = False
    managed_residents_statute: Annotated[str, msgspec.Meta(max_length=200)] = ""


class RateLimits(_Part, frozen=True, kw_only=True):
    """Requests a minute at the gateway: of one subject, and of one address without a sign-in."""

    reads: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1200
    writes: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 300
    anonymous: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 60


class Retention(_Part, frozen=True, kw_only=True):
    """How long personal data are kept (months, years) and the log of events (days)."""

    resident_category_months: Annotated[int, msgspec.Meta(ge=1, le=120)] = 12
    case_person_years: Annotated[int, msgspec.Meta(ge=1, le=30)] = 3
    volunteer_hours_years: Annotated[int, msgspec.Meta(ge=1, le=30)] = 10
    log_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 30


class Inventory(_Part, frozen=True, kw_only=True):
    """A dedicated inventory of grids (党建+卫生网格): counted by itself, never added to the main one."""

    code: Slug
    name: Name


class Hazard(_Part, frozen=True, kw_only=True):
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


class EmergencyRules(_Part, frozen=True, kw_only=True):
    """`max_days` bounds every declaration; `limits` replace the tenant's while one is in force."""

    max_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 15
    limits: Limits = EMERGENCY_LIMITS
    hazards: Annotated[tuple[Hazard, ...], msgspec.Meta(min_length=1, max_length=30)] = FIVE_AND_TWO


class Settings(_Part, frozen=True, kw_only=True):
    """All that a tenant decides for itself. `categories` extend the standard ones, or replace them by code."""

    name: Name
    time_zone: Annotated[str, msgspec.Meta(max_length=40)] = "Asia/Shanghai"
    languages: Annotated[tuple[Literal["zh-CN", "en"], ...], msgspec.Meta(min_length=1, max_length=2)] = ("zh-CN", "en")
    limits: Limits = Limits()
    categories: Annotated[tuple[Category, ...], msgspec.Meta(max_length=500)] = ()
    calendar: Calendar = Calendar()
    features: Features = Features()
    rate_limits: RateLimits = RateLimits()
    retention: Retention = Retention()
    inventories: Annotated[tuple[Inventory, ...], msgspec.Meta(max_length=60)] = ()
    emergency: EmergencyRules = EmergencyRules()

    def all_categories(self) -> list[Category]:
        """The standard categories with the tenant's own in their place or after them."""
        return list({category.code: category for category in [*STANDARD, *self.categories]}.values())

    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def check(self) -> None:
        """Raises `Invalid` that names every setting which contradicts another or means nothing."""
        wrong = [(field, reason) for broken, field, reason in self._rules() if broken]
        if wrong:
            raise Invalid(*wrong)

    def _rules(self) -> list[tuple[bool, str, str]]:
        calendar, features, limits = self.calendar, self.features, self.limits
        return [
            (self.time_zone not in available_timezones(), "time_zone", "is no IANA time zone, such as Asia/Shanghai"),
            (calendar.opens >= calendar.closes, "calendar.closes", "must be after `opens`"),
            (not calendar.weekdays, "calendar.weekdays", "needs at least one working day"),
            (
                bool(set(calendar.holidays) & set(calendar.make_up_days)),
                "calendar.make_up_days",
                "a day cannot be both a holiday and worked",
            ),
            (
                features.managed_residents and not features.managed_residents_statute.strip(),
                "features.managed_residents_statute",
                "name the statute that allows managed residents, or leave them off",
            ),
            (
                not limits.remind_at < limits.supervise_at < limits.raise_at,
                "limits",
                "must be remind_at < supervise_at < raise_at",
            ),
            (_repeats(c.code for c in self.categories), "categories", "two categories have the same code"),
            (_repeats(i.code for i in self.inventories), "inventories", "two inventories have the same code"),
            (_repeats(h.code for h in self.emergency.hazards), "emergency.hazards", "two hazards have the same code"),
        ]


def _repeats(codes: Iterable[str]) -> bool:
    listed = list(codes)
    return len(listed) != len(set(listed))
