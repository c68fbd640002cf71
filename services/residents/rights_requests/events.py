"""Event of the requests by which people exercise the rights to their own data: ids, never a field or a value."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from chassis.envelope import Event


class RightsRequestChanged(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "residents.rights_request.changed.v1"
    id: str
    resident: str
    area: str
    kind: str
    state: str
    due: datetime
