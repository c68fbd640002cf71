"""API structs of tenants: a city or county with its settings."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from chassis.types import Form, Path
from services.org.api.settings import (
    Category,
    EmergencyRules,
    Features,
    Inventory,
    Limits,
    Retention,
    Settings,
)
from services.org.api.types import Code
from vocabulary.calendars import Calendar
from vocabulary.care import Care
from vocabulary.reading import UnusualReading
from vocabulary.reasons import Reasons
from vocabulary.rights_requests import RightsRequests

RootTier = Literal["city", "county"]


class TenantOpening(Form, frozen=True, kw_only=True):
    """A tenant to open. `root`: the code of its root division.

    If that is a national code of China, all codes below it must be; any other root leaves the scheme to the city.
    """

    root: Code
    tier: RootTier
    settings: Settings


class TenantState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a tenant: its settings, with the standard categories and its own."""

    id: str
    root: str
    path: str
    name: str
    languages: tuple[str, ...]
    limits: Limits
    categories: tuple[Category, ...]
    calendar: Calendar
    features: Features
    retention: Retention
    inventories: tuple[Inventory, ...]
    emergency: EmergencyRules
    reasons: Reasons
    care: Care
    rights_requests: RightsRequests
    unusual_reading: UnusualReading


class ShownTenant(TenantState, frozen=True, kw_only=True):
    """A tenant with its settings, each with the value in force: its own or the default."""

    path: Path
    version: int


class SettingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A setting that changed, like `limits.case.P3`. null: there was or is none."""

    setting: str
    previous: Any
    current: Any


class ChangedTenant(ShownTenant, frozen=True, kw_only=True):
    """A tenant after a change of its settings, and what changed."""

    changed: list[SettingChange]
