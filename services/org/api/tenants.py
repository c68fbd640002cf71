"""Shapes of a tenant: a city or county with its settings."""

from __future__ import annotations

from typing import Literal

import msgspec

from chassis.types import Form, Path
from services.org.api.settings import (
    Calendar,
    Category,
    EmergencyRules,
    Features,
    Inventory,
    Limits,
    Retention,
    Settings,
)
from services.org.api.types import Code

RootTier = Literal["city", "county"]


class TenantOpening(Form, frozen=True, kw_only=True):
    """`root`: the code at which its division tree begins."""

    root: Code
    tier: RootTier
    settings: Settings


class TenantState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a tenant: its settings, with the standard categories and its own."""

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


class ShownTenant(TenantState, frozen=True, kw_only=True):
    """A city with its settings."""

    path: Path
    version: int
