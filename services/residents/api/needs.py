"""API types of needs, and of the cards of households."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Id, Moment, NoteIfAny, Page, Path, Record, Word
from services.residents.api.types import Colour, ResidentId, Source

NeedCode = Annotated[Id, msgspec.Meta(description="A class of needs, by the city's own list (`care` of the settings).")]
NeedLevel = Annotated[int, msgspec.Meta(ge=1, le=3, description="How much is needed: 1 a little, 3 most.")]
NeededSince = Annotated[date | None, msgspec.Meta(description="The day since which it is so; today if left out.")]
NeedState = Literal["OPEN", "MET", "ENDED"]
NeedNote = Annotated[NoteIfAny, msgspec.Meta(description="What exactly is needed; kept sealed.")]
NeedWhy = Annotated[NoteIfAny, msgspec.Meta(description="How it is met, or why it ended; kept sealed.")]


class NewNeed(Form, frozen=True, kw_only=True):
    resident: ResidentId
    need: NeedCode
    level: NeedLevel = 1
    since: NeededSince = None
    source: Source = ""
    note: NeedNote = ""


class NeedRevision(Form, frozen=True, kw_only=True):
    """Only what is given changes."""

    level: NeedLevel | None = None
    since: NeededSince = None
    source: Source = ""
    note: NeedNote | None = None


class NeedStep(Form, frozen=True, kw_only=True):
    why: NeedWhy = ""


class ListNeeds(Page, frozen=True, kw_only=True):
    """Needs of an area, by id. The other fields narrow it down."""

    area: Path | None = None
    need: Annotated[Word, msgspec.Meta(description="A class of needs.")] = ""
    resident: Annotated[Word, msgspec.Meta(description="The id of a resident.")] = ""
    state: Annotated[Literal["", "OPEN", "MET", "ENDED"], msgspec.Meta(description="Only needs in this state.")] = ""


class ListedNeed(Record, frozen=True, kw_only=True):
    """`name`: of the resident, masked. `next_visit`: the day of the household's planned visit, if there is one."""

    area: str
    resident: str
    household: str
    name: str
    need: str
    level: int
    since: date
    source: str
    state: str
    next_visit: date | None = None


class OpenedNeed(Record, frozen=True, kw_only=True):
    """All that is kept about a need, opened for a purpose. `why`: how it was met, or why it ended."""

    area: str
    resident: str
    household: str
    need: str
    level: int
    since: date
    source: str
    state: str
    note: str
    why: str
    recorded_at: Moment
    recorded_by: str


class NewColour(Form, frozen=True, kw_only=True):
    colour: Colour = ""
