"""Shapes of the case: what its steps after intake take, from dispatch to judging."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form, Id, Ids, Moment, Note, NoteIfAny, Text, Word
from services.cases.api.states import InspectionWay, Outcome, RequestKind
from services.cases.api.types import Code, Lead, LeadIfAny, Score, Unit


class Reason(Form, frozen=True, kw_only=True):
    """Why, by its code."""

    reason: Id


class Remark(Form, frozen=True, kw_only=True):
    """What was said or done, in words."""

    note: Note


class Handler(Form, frozen=True, kw_only=True):
    """Who is to handle it: the subject of somebody who holds a post of the unit."""

    handler: Id


class HandlerIfAny(Form, frozen=True, kw_only=True):
    """`handler`: named by the lead alone."""

    handler: Word = ""


class NamedUnit(Form, frozen=True, kw_only=True):
    unit: Unit


class Order(Form, frozen=True, kw_only=True):
    """`entry`: the list entry that says so; without it the one that holds is found. `called`: further units."""

    lead: Lead
    entry: Word = ""
    called: Annotated[tuple[Id, ...], msgspec.Meta(max_length=30)] = ()


class FurtherUnits(Form, frozen=True, kw_only=True):
    units: Ids


class Branches(Form, frozen=True, kw_only=True):
    """`branches`: party branches or teams, whose members may come."""

    branches: Ids


class Return(Form, frozen=True, kw_only=True):
    """`entry`: the list entry that says whose it is; `proposed`: that unit."""

    entry: Id
    proposed: Id
    reason: Id


class Ruling(Reason, frozen=True, kw_only=True):
    """Without a lead the street of the place leads."""

    lead: LeadIfAny = ""


class Grade(NamedUnit, frozen=True, kw_only=True):
    grade: Score


class Merge(Form, frozen=True, kw_only=True):
    """`into`: the case that goes on."""

    into: Id


class SubTask(NamedUnit, frozen=True, kw_only=True):
    title: Text
    due: Moment | None = None


class Request(Form, frozen=True, kw_only=True):
    """What the lead asks the dispatching tier for. `to` and `entry`: the unit of a transfer, and who says so."""

    what: RequestKind
    reason: Id
    party_told: bool
    note: NoteIfAny = ""
    until: Moment | None = None
    to: Word = ""
    entry: Word = ""


class Result(Form, frozen=True, kw_only=True):
    """`planned` (挂账) needs the date on which it reopens. `proof`: photos."""

    outcome: Outcome
    note: NoteIfAny = ""
    proof: Ids = ()
    planned_for: Moment | None = None


class Inspector(Form, frozen=True, kw_only=True):
    """Who holds an inspector's post where the case lies."""

    inspector: Id


class Inspection(Remark, frozen=True, kw_only=True):
    passed: bool
    how: InspectionWay


class PartyAnswer(Form, frozen=True, kw_only=True):
    """What is left out counts as not answered. `satisfied`: 1 to 5."""

    contacted: bool | None = None
    solved: bool | None = None
    satisfied: Score | None = None


class Rating(PartyAnswer, frozen=True, kw_only=True):
    code: Code = ""


class Callback(PartyAnswer, frozen=True, kw_only=True):
    """`person`: the party that was called back; `reached`: whether they answered."""

    person: Id
    reached: bool
