"""Vocabulary of the case: states, priorities, work lists, requests, outcomes."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal


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
RequestKind = Literal["transfer", "extension", "suspension"]
Outcome = Literal["solved", "explained", "planned", "unfounded"]
OutcomeIfAny = Literal["", "solved", "explained", "planned", "unfounded"]
InspectionWay = Literal["visit", "call"]
