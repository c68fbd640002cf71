"""Events of dispatch: lead, called units, returns and rulings."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from services.cases.case.events.state import CaseEvent


class Escalated(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.escalated.v1"
    from_tier: str


class TakenOn(CaseEvent, frozen=True):
    """自办: the community or street leads the case itself."""

    type: ClassVar[str] = "cases.case.taken_on.v1"


class Dispatched(CaseEvent, frozen=True):
    """`how`: dispatch, redirect (改派), transfer (转办), ruling (裁定), reopening."""

    type: ClassVar[str] = "cases.case.dispatched.v1"
    how: str
    entry: str = ""
    from_unit: str = ""


class Whistled(CaseEvent, frozen=True):
    """`called`: the units that this whistle called."""

    type: ClassVar[str] = "cases.case.whistled.v1"
    called: list[str]
    entry: str = ""
    rule: str = ""


class MembersInvited(CaseEvent, frozen=True):
    """`branches`: party branches or teams whose members may come; absence is not recorded."""

    type: ClassVar[str] = "cases.case.members_invited.v1"
    branches: list[str]


class ReportedIn(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.reported_in.v1"
    unit: str
    late: bool = False


class CallDisputed(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.call_disputed.v1"
    unit: str
    reason: str


class NoShow(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.no_show.v1"
    unit: str


class UnitReleased(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.unit_released.v1"
    unit: str


class UnitGraded(CaseEvent, frozen=True):
    """`grade`: 1 to 5, given by the caller to a unit, never to a person."""

    type: ClassVar[str] = "cases.case.unit_graded.v1"
    unit: str
    grade: int


class Accepted(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.accepted.v1"


class Returned(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.returned.v1"
    unit: str
    reason: str
    proposed: str


class DisputeOpened(CaseEvent, frozen=True):
    """`between`: the units in dispute; `ruler`: the path of the tier that rules; `rule_by`: when the ruling is due."""

    type: ClassVar[str] = "cases.case.dispute_opened.v1"
    between: list[str]
    ruler: str
    rule_by: datetime


class Ruled(CaseEvent, frozen=True):
    type: ClassVar[str] = "cases.case.ruled.v1"
    reason: str


class GapFound(CaseEvent, frozen=True):
    """No responsibility list names an owner: the street of the place leads, and the lists need an entry."""

    type: ClassVar[str] = "cases.case.gap_found.v1"


class Relocated(CaseEvent, frozen=True):
    """The case's grid was merged into another."""

    type: ClassVar[str] = "cases.case.relocated.v1"
    from_area: str
