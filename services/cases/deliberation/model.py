"""Deliberation aggregate (民情问需会, 四方共议, council meetings, monthly talks, 楼栋议事会): topic to decision.

A decision may ask for a follow-up case; the event of the decision creates it, and its id is then stored here.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from mongoengine import (
    DateTimeField,
    EmbeddedDocumentField,
    EmbeddedDocumentListField,
    IntField,
    ListField,
    StringField,
)

from chassis.envelope import STAFF
from chassis.errors import Invalid, Refused
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal, codes_of
from chassis.usecases.visibility import Visible
from services.cases.api.deliberation import DeliberationKind
from services.cases.case import texts_en
from services.cases.case.model.embedded import FirstOwner, Place
from services.cases.case.model.permissions import require_permission
from services.cases.case.texts_zh import DELIBERATION_STATES, DELIBERATIONS, INVITEES
from services.cases.deliberation import events
from vocabulary.rights import Resource, division_of, may
from vocabulary.roles import GRID_ROLES, Permission
from vocabulary.tiers import tier_of


class State(StrEnum):
    CONVENED = "CONVENED"
    HELD = "HELD"
    DECIDED = "DECIDED"
    CANCELLED = "CANCELLED"


#: Kinds that must attend. The four of 四方共议: community, owners' committee, property company, residents.
REQUIRED: dict[DeliberationKind, frozenset[str]] = {
    DeliberationKind.NEEDS_MEETING: frozenset({"residents"}),
    DeliberationKind.FOUR_PARTY: frozenset({"community", "owners", "property", "residents"}),
    DeliberationKind.COUNCIL: frozenset({"member_unit"}),
    DeliberationKind.TALK: frozenset({"residents"}),
    DeliberationKind.BUILDING_FORUM: frozenset({"building_head", "residents"}),
}


_JOINED = ((", ", texts_en.INVITEES), ("、", INVITEES))


class WrongDeliberationState(Refused):
    code = "deliberation.wrong_state"
    en = "The deliberation is {state}; this step is possible only while it is {possible}."
    zh = "议事会当前状态为“{state}”，此步骤仅适用于“{possible}”状态。"
    chinese = {"state": DELIBERATION_STATES, "possible": DELIBERATION_STATES}


class PartiesMissing(Refused):
    code = "deliberation.parties_missing"
    en = "A {kind} is not valid without {missing}. Convene it again when all can attend."
    zh = "{kind}须有{missing}到场方为有效，请在各方均能到场时另行召集。"
    chinese = {"kind": DELIBERATIONS, "missing": INVITEES}
    english = {"kind": texts_en.DELIBERATIONS, "missing": texts_en.INVITEES}


class NotYetTime(Refused):
    code = "deliberation.not_yet"
    en = "The meeting is convened for {at:time}. Record its minutes after that."
    zh = "会议定于{at:time}召开，会议开始后方可填写记录。"


class VotedDown(Refused):
    code = "deliberation.voted_down"
    en = "The topic was voted down, {in_favour} to {against}, so no case follows. Record the decision without one."
    zh = "该议题以 {in_favour} 票赞成、{against} 票反对未获通过，不能据此立案，请只记录结果。"


class Invitee(Embedded):
    """`kind`: community, owners, property, residents, building_head, member_unit… `unit`: its id where it has one."""

    kind: str = StringField(required=True)
    unit: str = StringField(default="")


class Votes(Embedded):
    in_favour: int = IntField(required=True)
    against: int = IntField(required=True)
    abstained: int = IntField(default=0)

    @property
    def carried(self) -> bool:
        return self.in_favour > self.against


class FollowUp(Embedded):
    """The case to be created from a decision. `text` is sealed."""

    category: str = StringField(required=True)
    place: Place = EmbeddedDocumentField(Place, required=True)
    text: str = StringField(required=True)


class Deliberation(Visible):
    """Aggregate. `series` links recurring meetings, such as a council's quarterly ones. Texts are sealed."""

    meta: ClassVar[dict[str, Any]] = {"collection": "deliberations"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "-at", "-_id"),
        ("series", "-at", "-_id"),
        ("units", "-at", "-_id"),
    ]
    visible_to = STAFF

    kind: str = StringField(required=True)
    series: str = StringField(default="")
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    topic: str = StringField(required=True)
    source: str = StringField(default="")
    at: datetime = DateTimeField(required=True)
    invitees: list[Invitee] = EmbeddedDocumentListField(Invitee)
    units: list[str] = ListField(StringField())
    convener: str = StringField(required=True)
    state: str = StringField(default=State.CONVENED)
    present: list[str] = ListField(StringField())
    minutes: str = StringField(default="")
    held_at: datetime | None = DateTimeField()
    decision: str = StringField(default="")
    votes: Votes | None = EmbeddedDocumentField(Votes)
    decided_at: datetime | None = DateTimeField()
    decided_by: FirstOwner | None = EmbeddedDocumentField(FirstOwner)
    follow_up: FollowUp | None = EmbeddedDocumentField(FollowUp)
    case: str = StringField(default="")

    @classmethod
    def convene(
        cls,
        key: str,
        by: Principal,
        *,
        kind: DeliberationKind,
        area: str,
        topic: str,
        at: datetime,
        invitees: list[Invitee],
        now: datetime,
        series: str = "",
        source: str = "",
    ) -> Deliberation:
        """`source`: the case that the topic came from, if any."""
        require_permission(by, Permission.CONVENE, on=Resource(area=area))
        missing = REQUIRED[kind] - {invitee.kind for invitee in invitees}
        if missing:
            en, zh = (join.join(said[each] for each in sorted(missing)) for join, said in _JOINED)
            told = f"a {texts_en.DELIBERATIONS[kind]} must also invite {en}", f"{DELIBERATIONS[kind]}还须邀请{zh}"
            raise Invalid(("invitees", *told))
        if at < now:
            raise Invalid(("at", "must not be in the past", "不得早于当前时间"))
        deliberation = cls(
            id=cls.identity(by.tenant, key),
            tenant=by.tenant,
            kind=kind,
            series=series,
            area=area,
            codes=codes_of(area),
            topic=topic,
            source=source,
            at=at,
            invitees=invitees,
            units=[invitee.unit for invitee in invitees if invitee.unit],
            convener=division_of(by),
        )
        deliberation.emit(events.DeliberationConvened(kind=kind, area=area, at=at))
        return deliberation

    def hold(self, by: Principal, present: list[str], minutes: str, now: datetime) -> None:
        """Records the minutes. `present`: the kinds of invitees that attended."""
        self._act(by, State.CONVENED)
        if now < self.at:
            raise NotYetTime(at=self.at.isoformat())
        missing = REQUIRED[DeliberationKind(self.kind)] - set(present)
        if missing:
            raise PartiesMissing(kind=self.kind, missing=sorted(missing))
        self.present = present
        self.minutes = minutes
        self.held_at = now
        self.state = State.HELD

    def decide(
        self, by: Principal, decision: str, follow_up: FollowUp | None, now: datetime, votes: Votes | None = None
    ) -> None:
        """Records what was agreed. Raises `Invalid` for a forum without votes, `VotedDown` for a case against them."""
        self._act(by, State.HELD)
        if votes is None and self.kind == DeliberationKind.BUILDING_FORUM:
            raise Invalid(("votes", "a building's forum votes on its topic", "楼栋议事会须对议题进行表决"))
        if votes and follow_up is not None and not votes.carried:
            raise VotedDown(in_favour=votes.in_favour, against=votes.against)
        if follow_up is not None and not follow_up.place.path.startswith(self.area):
            raise Invalid(("follow_up.area", "must be in the area of the deliberation", "须在议事会辖区内"))
        self.decision, self.votes = decision, votes
        self.follow_up = follow_up
        self.decided_at = now
        self.decided_by = FirstOwner(post=by.post, person=by.subject, unit=by.unit)
        self.state = State.DECIDED
        category = follow_up.category if follow_up else ""
        self.emit(
            events.DeliberationDecided(
                kind=self.kind, area=self.area, follow_up=follow_up is not None, category=category
            )
        )

    def decider(self) -> Principal:
        """Returns who reports the follow-up case: whoever recorded the decision, its first owner (首问)."""
        by = self.decided_by
        if by is None:
            raise WrongDeliberationState(state=self.state, possible=State.DECIDED)
        role = tier_of(self.area) if tier_of(self.area) in ("street", "community") else "centre"
        roles = frozenset({role})
        return Principal(tenant=self.tenant, subject=by.person, roles=roles, area=self.area, unit=by.unit, post=by.post)

    def name_case(self, case: str) -> None:
        """Stores the id of the follow-up case."""
        self.case = case
        self.emit(events.DeliberationFollowed(case=case))

    def cancel(self, by: Principal) -> None:
        self._act(by, State.CONVENED)
        self.state = State.CANCELLED
        self.emit(events.DeliberationCancelled(kind=self.kind, area=self.area))

    def seen_by(self, principal: Principal) -> bool:
        """Visible to staff of the area, to the grids in it, and to the units invited."""
        in_grid = principal.has(*GRID_ROLES) and principal.area.startswith(self.area)
        within = (principal.area,) if in_grid else ()
        return may(principal, Permission.READ_DELIBERATION, Resource(area=self.area, spans=within, units=self.units))

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return list(self.units)

    def _act(self, by: Principal, state: State) -> None:
        require_permission(by, Permission.HOLD_DELIBERATION, on=Resource(units=(self.convener,)))
        if self.state != state:
            raise WrongDeliberationState(state=self.state, possible=state)
