"""API types of deliberations."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from chassis.types import Form, Moment, Page, Path, Point, Prose, Record, Word
from vocabulary.fields import CategoryCodeIfAny, UnitIfAny


class DeliberationKind(StrEnum):
    NEEDS_MEETING = "needs_meeting"
    FOUR_PARTY = "four_party"
    COUNCIL = "council"
    TALK = "talk"
    BUILDING_FORUM = "building_forum"


class Invitation(Form, frozen=True, kw_only=True):
    kind: Literal["community", "owners", "property", "residents", "building_head", "member_unit", "department", "other"]
    unit: UnitIfAny = ""


class Convening(Form, frozen=True, kw_only=True):
    """`series`: the series of a recurring meeting; `source`: the case that the topic came from."""

    kind: DeliberationKind
    area: Path
    topic: Prose
    at: Moment
    invitees: Annotated[list[Invitation], msgspec.Meta(min_length=1, max_length=60)]
    series: Word = ""
    source: Word = ""


class DeliberationMinutes(Form, frozen=True, kw_only=True):
    """`present`: the kinds of invitees that attended."""

    present: Annotated[list[Word], msgspec.Meta(max_length=20)]
    minutes: Prose


class FollowUp(Point, frozen=True, kw_only=True):
    """The case to be created from a decision."""

    category: CategoryCodeIfAny
    area: Path
    text: Prose


Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Votes(Form, frozen=True, kw_only=True):
    """How the topic was voted on. It is carried if more are in favour than against."""

    in_favour: Count
    against: Count
    abstained: Count = 0


class DeliberationDecision(Form, frozen=True, kw_only=True):
    """`decision`: what was agreed, such as a rule of the building. `votes`: a building's forum needs them."""

    decision: Prose
    votes: Votes | None = None
    follow_up: FollowUp | None = None


class ListDeliberations(Page, frozen=True, kw_only=True):
    series: Annotated[Word, msgspec.Meta(description="Only meetings of this series.")] = ""


class ListedDeliberation(Record, frozen=True, kw_only=True):
    """`case`: the case created from the decision."""

    kind: str
    series: str
    area: str
    at: Moment
    state: str
    convener: str
    units: list[str]
    source: str
    case: str
    decided_at: Moment | None = None


class Invitee(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: community, owners, property, residents, building_head, member_unit, department or other."""

    kind: str
    unit: UnitIfAny


class ShownDeliberation(ListedDeliberation, frozen=True, kw_only=True):
    """A deliberation with its texts. `present`: the kinds of invitees that attended."""

    invitees: list[Invitee]
    present: list[str]
    held_at: Moment | None
    topic: str
    minutes: str
    decision: str
    votes: Votes | None = None
