"""Events of tenants.

Each carries every public field of its aggregate, so that a replica never keeps a value that was removed.
"""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from services.org.api.tenants import TenantState


class TenantChanged(TenantState, Event, frozen=True, kw_only=True):
    """A tenant changed. `root` and `path`: its root division; `categories`: the standard ones and its own."""

    type: ClassVar[str] = "org.tenant.changed.v1"
