"""API types of the case's steps after intake, from dispatch to rating."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form, Id, Ids, Moment, Note, NoteIfAny, Text, Word
from services.cases.api.states import InspectionWay, Outcome, RequestKind
from services.cases.api.types import FollowCodeIfAny, Score
from vocabulary.fields import EntryId, EntryIdIfAny, Lead, LeadIfAny, Unit


class Reason(Form, frozen=True, kw_only=True):
    """`reason`: a reason code."""

    reason: Id


class ReasonWithNote(Reason, frozen=True, kw_only=True):
    """`reason`: a code of the tenant's list for this step (`GET /v1/tenant`, `reasons`); `note`: in free words."""

    note: NoteIfAny = ""


class Remark(Form, frozen=True, kw_only=True):
    """`note`: what was said or done."""

    note: Note


class Handler(Form, frozen=True, kw_only=True):
    """`handler`: the subject id of a person who holds a post of the unit."""

    handler: Id


class HandlerIfAny(Form, frozen=True, kw_only=True):
    """`handler`: required from the lead only."""

    handler: Word = ""


class NamedUnit(Form, frozen=True, kw_only=True):
    unit: Unit


class Order(Form, frozen=True, kw_only=True):
    """`entry`: the list entry that names the lead; found automatically if omitted. `called`: further units."""

    lead: Lead
    entry: EntryIdIfAny = ""
    called: Annotated[tuple[Id, ...], msgspec.Meta(max_length=30)] = ()


class FurtherUnits(Form, frozen=True, kw_only=True):
    units: Ids


class Branches(Form, frozen=True, kw_only=True):
    """`branches`: party branches or teams whose members are invited."""

    branches: Ids


class Return(ReasonWithNote, frozen=True, kw_only=True):
    """`proposed`: the unit that should lead; `entry`: the list entry that names it. `reason`: one of `returns`."""

    entry: EntryId
    proposed: Id


class Ruling(ReasonWithNote, frozen=True, kw_only=True):
    """`lead`: if omitted, the street of the place leads. `reason`: one of `rulings`."""

    lead: LeadIfAny = ""


class Grade(NamedUnit, frozen=True, kw_only=True):
    grade: Score


class Merge(Form, frozen=True, kw_only=True):
    """`into`: the case to merge into, which continues."""

    into: Id


class SubTask(NamedUnit, frozen=True, kw_only=True):
    title: Text
    due: Moment | None = None


class Request(Form, frozen=True, kw_only=True):
    """A request to the dispatching tier. `until`: for an extension or suspension; `to` and `entry`: for a transfer."""

    what: RequestKind
    reason: Id
    party_told: bool
    note: NoteIfAny = ""
    until: Moment | None = None
    to: Word = ""
    entry: EntryIdIfAny = ""


class Result(Form, frozen=True, kw_only=True):
    """`planned` (挂账) needs the date on which the case reopens. `proof`: photo ids."""

    outcome: Outcome
    note: NoteIfAny = ""
    proof: Ids = ()
    planned_for: Moment | None = None


class Inspector(Form, frozen=True, kw_only=True):
    """`inspector`: the subject id of a person who holds an inspector's post that covers the case's area."""

    inspector: Id


class Inspection(Remark, frozen=True, kw_only=True):
    passed: bool
    how: InspectionWay


class PartyAnswer(Form, frozen=True, kw_only=True):
    """Omitted questions count as not answered. `satisfied`: 1 to 5."""

    contacted: bool | None = None
    solved: bool | None = None
    satisfied: Score | None = None


class Rating(PartyAnswer, frozen=True, kw_only=True):
    code: FollowCodeIfAny = ""


class Callback(PartyAnswer, frozen=True, kw_only=True):
    """`person`: the party called back; `reached`: whether they answered the phone."""

    person: Id
    reached: bool
