"""API types of visits: plans, due lists, the route of a day, and the record of a visit."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Moment, NoteIfAny, Page, Path, Record, Text, Word
from services.residents.api.types import HouseholdId
from vocabulary.fields import CategoryCode

VisitKind = Annotated[
    Literal["home", "check", "talk"],
    msgspec.Meta(description="家访 `home`, 排查 `check` for hazards at home, 座谈 `talk` with several households."),
]
VisitState = Literal["PLANNED", "MISSED", "DONE", "CANCELLED"]
Worker = Annotated[
    Word, msgspec.Meta(description="The id of who is to go; empty: whoever works in the grid on that day.")
]
Due = Annotated[date, msgspec.Meta(description="The day of the visit, on the city's calendar.")]
Findings = Annotated[Text, msgspec.Meta(description="What was found and agreed; kept sealed.")]
On = Annotated[date | None, msgspec.Meta(description="The day; today if left out.")]
Most = Annotated[int, msgspec.Meta(ge=1, le=200, description="At most so many visits, those due first.")]


class NewVisit(Form, frozen=True, kw_only=True):
    household: HouseholdId
    kind: VisitKind = "home"
    due: Due
    worker: Worker = ""


class MovedVisit(Form, frozen=True, kw_only=True):
    """Another day, and whoever is to go then."""

    due: Due
    worker: Worker = ""


class FoundMatter(Form, frozen=True, kw_only=True):
    """A matter for the city, of which a case is made. The case names the grid alone, not the household."""

    category: CategoryCode


class VisitRecord(Form, frozen=True, kw_only=True):
    """What was found, and the matter for the city if there is one."""

    findings: Findings
    matter: FoundMatter | None = None


class UnplannedVisit(VisitRecord, frozen=True, kw_only=True):
    kind: VisitKind = "home"


class VisitReason(Form, frozen=True, kw_only=True):
    why: Annotated[NoteIfAny, msgspec.Meta(description="Why there is no visit; kept sealed.")] = ""


class ListVisits(Page, frozen=True, kw_only=True):
    """Visits of an area, the latest day first. The other fields narrow it down."""

    area: Path | None = None
    household: Annotated[Word, msgspec.Meta(description="The id of a household.")] = ""
    state: Annotated[
        Literal["", "PLANNED", "MISSED", "DONE", "CANCELLED"], msgspec.Meta(description="Only visits in this state.")
    ] = ""
    tier: Annotated[Word, msgspec.Meta(description="Only missed visits that were passed up to this tier.")] = ""


class DueVisits(Form, frozen=True, kw_only=True):
    """Visits that are due or were missed by that day, in an area or all of the caller's."""

    area: Path | None = None
    on: On = None
    limit: Most = 100


class ListedVisit(Record, frozen=True, kw_only=True):
    """`planned`: whether it was planned before it took place. `tier`: to which a missed visit has been passed up."""

    area: str
    household: str
    dwelling: str
    estate: str
    building: str
    kind: str
    planned: bool
    due: date
    worker: str
    state: str
    tier: str
    done_at: Moment | None = None


class VisitList(msgspec.Struct, frozen=True, kw_only=True):
    items: list[ListedVisit]


class FollowingCase(msgspec.Struct, frozen=True, kw_only=True):
    """The case that was made of what a visit found."""

    id: str
    number: str
    state: str


class ShownVisit(ListedVisit, frozen=True, kw_only=True):
    """`matter`: the category of what was found for the city; `case`: made of it, if the caller may read it."""

    done_by: str
    matter: str
    case: FollowingCase | None = None


class OpenedVisit(ShownVisit, frozen=True, kw_only=True):
    """A visit with what was found, opened for a purpose. `why`: why it was cancelled."""

    findings: str
    why: str
