"""Urging 催办: a party asks for faster handling. The lead must answer; the third urge opens supervision."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from chassis.errors import NotFound, Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.events import Supplemented, UrgeAnswered, Urged, UrgeOverdue
from services.cases.case.model import embedded
from services.cases.case.model.base import MOST_PHOTOS, Full, require_room
from services.cases.case.model.clock import Timer, TimerKind
from services.cases.case.model.inputs import ReportAgain
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.refusals import NothingShown
from services.cases.case.model.states import OPEN, require
from vocabulary.roles import Permission

URGES_BEFORE_SUPERVISION = 3
_DAY = timedelta(days=1)


class UrgedToday(Refused):
    """`again`: when the next urge is possible."""

    code = "case.urged_today"
    en = "The party urged this case within the last 24 hours and can urge it again from {again}."
    zh = "24 小时内已催办过，{again} 后可再次催办。"


class UrgeAlreadyAnswered(Refused):
    code = "case.urge_answered"
    en = "Urge {number} has already been answered."
    zh = "第 {number} 次催办已答复。"


class Urging(LedCase):
    meta = {"abstract": True, "strict": False}

    def urge(self, by: Principal, limits: Limits, now: datetime, person: str = "") -> int:
        """By a party, or for them by the hotline or a counter; once a day per party. Returns the urge's number."""
        self._authorize(by, Permission.URGE)
        require(Act.URGE, State(self.state), OPEN)
        party = self._party(by, person)
        last = max((urge.at for urge in self.urges if urge.person == party.person), default=None)
        if last and now < last + _DAY:
            raise UrgedToday(again=(last + _DAY).isoformat())
        require_room("urges", self.urges)
        number, due = len(self.urges) + 1, limits.urge_due(self.importance, now)
        self.urges.append(embedded.Urge(number=number, person=party.person, by=by.subject, at=now, due=due))
        self._record_step(Act.URGE, by, now)
        self.emit(Urged(case=self.public_state(), number=number, answer_by=due))
        if number == URGES_BEFORE_SUPERVISION:
            self._supervise("urged", self._dispatching_tier(), self._system(), now)
        return number

    def report_again(
        self, by: Principal, again: ReportAgain, limits: Limits, now: datetime, person: str = ""
    ) -> int | None:
        """Counts a repeated report of this open matter as an urge, and stores what it adds in any case.

        Returns the urge's number; None if the party urged within the last day or the list of urges is full.
        """
        try:
            number = self.urge(by, limits, now, person)
        except (UrgedToday, Full):
            number = None
        self._supplement(by, again, now, self._party(by, person))
        return number

    def answer_urge(self, by: Principal, number: int, note: str, now: datetime) -> None:
        """By the lead; before there is one, by the tier that holds the case."""
        self._authorize(by, Permission.HANDLE if self.lead else Permission.REGISTER)
        urge = next((urge for urge in self.urges if urge.number == number), None)
        if urge is None:
            raise NotFound()
        if urge.answered_at:
            raise UrgeAlreadyAnswered(number=number)
        if not note:
            raise NothingShown(needs="the answer")
        urge.answered_at, urge.note = now, note
        self._record_step(Act.ANSWER_URGE, by, now, note=note)
        self.emit(UrgeAnswered(case=self.public_state(), number=number, on_time=now <= urge.due))

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if State(self.state) in OPEN:
            for urge in self.urges:
                if not urge.answered_at and not urge.overdue:
                    yield Timer(urge.due, TimerKind.URGE, partial(self._mark_urge_overdue, urge))

    def _supplement(self, by: Principal, again: ReportAgain, now: datetime, party: embedded.Party) -> None:
        """Adds photos up to the limit. A party that turns confidential is so for its earlier reports too."""
        if again.confidential and party.confidentiality == "named":
            party.confidentiality, self.screened = "confidential", False
        taken = list(again.photos[: max(0, MOST_PHOTOS - len(self.photos))])
        self.photos = [*self.photos, *taken]
        self._record_step(Act.SUPPLEMENT, by, now, note=again.words)
        self.emit(Supplemented(case=self.public_state(), photos=taken))

    def _mark_urge_overdue(self, urge: embedded.Urge, at: datetime, limits: Limits) -> None:
        urge.overdue = True
        self._record_step(Act.OVERDUE, self._system(), at, reason="urge")
        self.emit(UrgeOverdue(case=self.public_state(), number=urge.number))
