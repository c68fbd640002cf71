"""API types of reviews (复核), accountability (问责) and appeals (申诉)."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Moment, NoteIfAny, Page, Prose, Record, RecordState, Word
from vocabulary.fields import UnitIfAny

ProceedingKind = Literal["review", "accountability"]


class ProceedingState(StrEnum):
    OPEN = "OPEN"
    HEARD = "HEARD"
    FOUNDED = "FOUNDED"
    UNFOUNDED = "UNFOUNDED"
    APPEALED = "APPEALED"
    UPHELD = "UPHELD"
    STRUCK = "STRUCK"


class Grounds(Form, frozen=True, kw_only=True):
    """One of `review` (founded), `case` (past its deadline) or `unit` (low satisfaction in a period)."""

    review: Word = ""
    case: Word = ""
    unit: UnitIfAny = ""
    since: date | None = None
    until: date | None = None
    floor: Annotated[
        float,
        msgspec.Meta(
            gt=0,
            lt=1,
            description="Of the answers about the unit's work in the period, the share that must be 3 or better: "
            "satisfaction is low below it. Read with `unit` alone; the centre chooses it.",
        ),
    ] = 0.6


class Statement(Form, frozen=True, kw_only=True):
    statement: Prose


class Conclusion(Form, frozen=True, kw_only=True):
    founded: bool
    finding: Prose


class Appeal(Form, frozen=True, kw_only=True):
    grounds: Prose


class AppealRuling(Form, frozen=True, kw_only=True):
    granted: bool
    ruling: NoteIfAny = ""


class ListProceedings(Page, frozen=True, kw_only=True):
    state: Annotated[ProceedingState | None, msgspec.Meta(description="Only proceedings in this state.")] = None


class ListedProceeding(Record, frozen=True, kw_only=True):
    """A review (复核) or accountability record (问责) of `unit`."""

    unit: UnitIfAny
    area: str
    case: str
    cause: str
    state: str
    opened_at: Moment
    hearing_until: Moment | None = None
    heard_at: Moment | None = None
    concluded_at: Moment | None = None


class ProceedingStep(RecordState, frozen=True, kw_only=True):
    """The proceeding after a step."""

    state: ProceedingState


class ShownProceeding(ListedProceeding, frozen=True, kw_only=True):
    """A proceeding with its texts. `grounds`: of the appeal; `granted`: how the appeal was ruled."""

    appeal_until: Moment | None
    granted: bool | None
    statement: str
    finding: str
    grounds: str
    ruling: str
