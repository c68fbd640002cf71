"""API structs of what the reporter of a case is told about its course."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import UNSET, UnsetType

from chassis.types import Moment
from services.cases.api.states import OutcomeIfAny, State
from services.cases.api.types import CaseNumberIfAny, LeadOfCase


class PublicStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the case's course. `to`: the new state, if the step changed it."""

    at: Moment
    act: str
    to: State | UnsetType = UNSET


class ToldRejection(msgspec.Struct, frozen=True, kw_only=True):
    """Why a report was rejected. `names`: the reason's, by language; `go_to`: where to turn instead."""

    reason: str
    names: dict[str, str]
    go_to: str
    note: str


class ToldEnding(msgspec.Struct, frozen=True, kw_only=True):
    """Why a case ended without a result. `act`: who ended it, the reporter or the centre; `names`: the reason's."""

    act: Literal["withdraw", "void"]
    reason: str
    names: dict[str, str]


class ToldResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result that the parties rate, with its explanation; or what was answered on the spot (`on_the_spot`)."""

    outcome: str
    at: Moment
    note: str


class ParentCourse(msgspec.Struct, frozen=True, kw_only=True):
    """The course of the case that this one was merged into, as one of its own parties sees it."""

    id: str
    number: CaseNumberIfAny = ""
    state: State
    lead: LeadOfCase
    due: Moment | None
    outcome: OutcomeIfAny
    planned_for: Moment | None
    closed_at: Moment | None
    steps: list[PublicStep]
