"""The event of a tenant."""

from __future__ import annotations

from typing import ClassVar

from chassis.messaging.envelope import Event
from services.org.tenants.categories import Category
from services.org.tenants.settings import Calendar, EmergencyRules, Features, Inventory, Limits, Retention


class TenantChanged(Event, frozen=True, kw_only=True):
    """`root` and `path` are the top of its division tree; `categories` the standard ones with its own."""

    type: ClassVar[str] = "org.tenant.changed.v1"
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
