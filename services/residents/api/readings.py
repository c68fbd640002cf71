"""API types of alerts of unusual reading."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Moment, Note, Page, Path, Record

AlertState = Literal["OPEN", "EXPLAINED", "CONFIRMED", "DISMISSED"]
RuleCode = Annotated[
    Literal["many", "outside", "at_night", "leaving"],
    msgspec.Meta(
        description="Why: too many records `many`; outside the area of the reader's own posts `outside`; outside the "
        "usual hours `at_night`; shortly before they leave their posts `leaving`."
    ),
]


class ListReadingAlerts(Page, frozen=True, kw_only=True):
    """Alerts that concern an area, the last raised first. The other fields narrow it down."""

    area: Path | None = None
    state: Annotated[AlertState | None, msgspec.Meta(description="Only alerts in this state.")] = None
    rule: RuleCode | None = None


class AlertNote(Form, frozen=True, kw_only=True):
    note: Annotated[Note, msgspec.Meta(description="What was found out; kept sealed.")]


class ListedReadingAlert(Record, frozen=True, kw_only=True):
    """`reader`: who read; `different`: how many different records on that day; `readings`: how often any of them."""

    reader: str
    rule: RuleCode
    day: date
    area: str
    state: AlertState
    different: int
    readings: int
    raised_at: Moment


class AlertStep(msgspec.Struct, frozen=True, kw_only=True):
    state: AlertState
    by: str
    at: Moment
    note: str


class ShownReadingAlert(ListedReadingAlert, frozen=True, kw_only=True):
    """`records`: ids of what was read, at most 500."""

    records: list[str]
    steps: list[AlertStep]
