"""API structs of emergency mode."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

from chassis.types import AnyText, Form, Id, Moment, Page, Path, SomeText
from services.org.api.settings import Limits

EmergencyStatus = Literal["active", "ended"]


class Declaration(Form, frozen=True, kw_only=True):
    """An emergency to declare. `area`: a division's path. `order`: the document that authorises it. `roster`: posts."""

    hazard: Annotated[AnyText, msgspec.Meta(max_length=40)]
    area: Path
    order: Annotated[SomeText, msgspec.Meta(min_length=4, max_length=200)]
    until: Moment
    roster: Annotated[list[Id], msgspec.Meta(max_length=200)] = []


class ListEmergencies(Page, frozen=True, kw_only=True):
    state: Annotated[EmergencyStatus, msgspec.Meta(description="Only emergencies in this state.")] = "active"


class EmergencyState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of an emergency: the data of its event."""

    id: str
    hazard: str
    area: str
    state: str
    order: str
    since: datetime
    until: datetime
    limits: Limits
    roster: list[str]
    ended: datetime | None


class ListedEmergency(EmergencyState, frozen=True, kw_only=True):
    version: int
