"""Public state of a case, and the base of its events."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

import msgspec

from chassis.envelope import STAFF, Event, PublicState, Visibility


class CaseState(PublicState, frozen=True, kw_only=True):
    """Public state of a case. `mark`: "", "yellow" (80 % of the limit used) or "red" (all of it)."""

    type: ClassVar[str] = "cases.case.state.v1"
    id: str
    # 工单号; empty for cases from before there were numbers.
    number: str = ""
    state: str
    kind: str
    category: str
    priority: str
    area: str
    tier: str
    reported_at: datetime
    lead: str = ""
    units: list[str] = []
    handler: str = ""
    persons: list[str] = []
    # 首问: the post and person that took the case first; the person is empty if they are its confidential reporter.
    first_post: str = ""
    first_person: str = ""
    # 回避: the unit the complaint is about; event delivery must exclude that unit.
    about: str = ""
    # What it follows from: the id of a deliberation or visit, or the system and number of an imported case.
    source: str = ""
    emergency: bool = False
    registered_at: datetime | None = None
    due: datetime | None = None
    # The due moment that indicators count: the first breach or result of the round fixes it, and no grant moves it.
    counted_due: datetime | None = None
    closing_due: datetime | None = None
    mark: str = ""
    outcome: str = ""
    planned_for: datetime | None = None
    round: int = 1
    reworks: int = 0
    merged_into: str = ""
    closed_at: datetime | None = None


class CaseEvent(Event, frozen=True, kw_only=True):
    """Base of case events. `staff_only`: fields hidden from parties; `internal`: fields used for delivery only."""

    staff_only: ClassVar[tuple[str, ...]] = ("case.handler", "case.first_post")
    internal: ClassVar[tuple[str, ...]] = ("case.persons", "case.first_person", "case.about", "case.source")
    #: Fields that a reporter gave, which wait to be screened if the reporter is hidden.
    unscreened: ClassVar[tuple[str, ...]] = ()
    case: CaseState

    def visibility_until_screened(self) -> Visibility:
        return msgspec.structs.replace(self.visibility(), internal=(*self.internal, *self.unscreened))

    def visibility(self) -> Visibility:
        return Visibility(
            audience=STAFF.audience,
            persons=self.case.persons,
            taken_by=self.case.first_person,
            excluded=self.case.about,
            staff_only=self.staff_only,
            internal=self.internal,
        )
