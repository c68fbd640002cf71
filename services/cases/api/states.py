"""Vocabulary of the case: states, priorities, work lists, requests, outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal

import msgspec


class State(StrEnum):
    REPORTED = "REPORTED"
    VERIFYING = "VERIFYING"
    REGISTERED = "REGISTERED"
    REJECTED = "REJECTED"
    MERGED = "MERGED"
    SELF_RESOLVED = "SELF_RESOLVED"
    DISPATCHED = "DISPATCHED"
    WHISTLED = "WHISTLED"
    RETURNED = "RETURNED"
    ACCEPTED = "ACCEPTED"
    IN_PROGRESS = "IN_PROGRESS"
    SUSPENDED = "SUSPENDED"
    RESOLVED = "RESOLVED"
    INSPECTING = "INSPECTING"
    REWORK = "REWORK"
    AWAITING_RATING = "AWAITING_RATING"
    CLOSED = "CLOSED"
    REOPENED = "REOPENED"
    WITHDRAWN = "WITHDRAWN"
    VOIDED = "VOIDED"


class Priority(StrEnum):
    """Urgency of a case, P1 the highest. The category gives a provisional priority; registration makes it final."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"


Mark = Literal["yellow", "red"]
MarkIfAny = Literal["", "yellow", "red"]
WorkList = Literal["to_do", "mine", "came_back", "yellow_and_red", "supervised"]
#: What each list holds of the cases that the caller may see.
IN_WORK_LISTS: Mapping[WorkList, str] = {
    "to_do": "what waits for the caller's role, in their area or unit",
    "mine": "what the caller handles, took first or reported",
    "came_back": "what was returned, is to be done again or was reopened",
    "yellow_and_red": "open cases that have used 80 % of their limit, or all of it",
    "supervised": "open cases under supervision (督办)",
}
NamedWorkList = Annotated[
    WorkList, msgspec.Meta(description="; ".join(f"`{name}`: {held}" for name, held in IN_WORK_LISTS.items()) + ".")
]
RequestKind = Literal["transfer", "extension", "suspension"]
Outcome = Literal["solved", "explained", "planned", "unfounded"]
OutcomeIfAny = Literal["", "solved", "explained", "planned", "unfounded"]
InspectionWay = Literal["visit", "call"]
