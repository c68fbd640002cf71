"""The events of tenants.

Each carries the full public state of its aggregate, and every field of it, so that a copy never
keeps a value which has been taken away.
"""

from __future__ import annotations

from typing import ClassVar

from chassis.messaging.envelope import Event
from services.org.api.tenants import TenantState


class TenantChanged(TenantState, Event, frozen=True, kw_only=True):
    """`root` and `path` are the top of its division tree; `categories` the standard ones with its own."""

    type: ClassVar[str] = "org.tenant.changed.v1"
