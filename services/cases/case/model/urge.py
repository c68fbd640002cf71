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
from services.cases.case.model.base import MOST_ENTRIES, MOST_PHOTOS, MOST_STEPS_BESIDE, Full, require_room
from services.cases.case.model.guards import Guard
from services.cases.case.model.inputs import ReportAgain
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.refusals import NothingShown
from services.cases.case.model.states import OPEN, require
from services.cases.case.model.timer import Timer, TimerKind
from vocabulary.roles import Permission

URGES_BEFORE_SUPERVISION = 3
_DAY = timedelta(days=1)


URGE = Guard(Act.URGE, Permission.URGE, states=OPEN, at_parent=True)
ANSWER_URGE = Guard(Act.ANSWER_URGE, Permission.HANDLE, Permission.REGISTER, states=State)


class UrgedToday(Refused):
    """`again`: when the next urge is possible."""

    code = "case.urged_today"
    en = "The party urged this case within the last 24 hours and can urge it again from {again:time}."
    zh = "24 小时内已催办过，{again:time}后可再次催办。"


class UrgeAlreadyAnswered(Refused):
    code = "case.urge_answered"
    en = "Urge {number} has already been answered."
    zh = "第 {number} 次催办已答复。"


class Urging(LedCase):
    meta = {"abstract": True, "strict": False}

    def urge(self, by: Principal, limits: Limits, now: datetime, person: str = "", parent: State | None = None) -> int:
        """By a party, or for them by the hotline or a counter; once a day per party. Returns the urge's number.

        `parent`: the state of the case that this one was merged into, which the urge reaches by its event.
        """
        party = self.require_may_urge(by, now, person, parent)
        due = limits.urge_due(self.importance, now)
        return self._take_urge(by, now, embedded.Urge(person=party.person, by=by.subject, at=now, due=due))

    def require_may_urge(
        self, by: Principal, now: datetime, person: str = "", parent: State | None = None
    ) -> embedded.Party:
        self.require_may(URGE, by)
        require(Act.URGE, parent or State(self.state), OPEN)
        party = self._party(by, person)
        last = max((urge.at for urge in self.urges if urge.person == party.person), default=None)
        if last and now < last + _DAY:
            raise UrgedToday(again=(last + _DAY).isoformat())
        require_room("urges", self.urges)
        return party

    def report_again(
        self, by: Principal, again: ReportAgain, limits: Limits, now: datetime, person: str = "",
        parent: State | None = None,
    ) -> int | None:  # fmt: skip
        """Counts a repeated report of this open matter as an urge, and stores what it adds in any case.

        Returns the urge's number; None if the party urged within the last day or the list of urges is full.
        """
        try:
            number = self.urge(by, limits, now, person, parent)
        except (UrgedToday, Full):
            number = None
        self._supplement(by, again, now, self._party(by, person))
        return number

    def answer_urge(self, by: Principal, number: int, note: str, now: datetime) -> None:
        """By the lead; before there is one, by the tier that holds the case."""
        urge = self.require_may_answer_urge(by, number)
        if not note:
            raise NothingShown(needs="the answer")
        urge.answered_at, urge.note = now, note
        self._record_step(Act.ANSWER_URGE, by, now, note=note)
        self._emit_urge_answered(urge)

    def require_may_answer_urge(self, by: Principal, number: int) -> embedded.Urge:
        self._authorize(by, Permission.HANDLE if self.lead else Permission.REGISTER)
        urge = next((urge for urge in self.urges if urge.number == number and not urge.released), None)
        if urge is None:
            raise NotFound()
        if urge.answered_at:
            raise UrgeAlreadyAnswered(number=number)
        return urge

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if State(self.state) in OPEN:
            for urge in self.urges:
                if urge.is_open and not urge.overdue:
                    yield Timer(urge.due, TimerKind.URGE, partial(self._mark_urge_overdue, urge))

    # -- merged cases ---------------------------------------------------------------------------------

    def take_child_urges(self, child: str, urges: list[embedded.Urge], now: datetime) -> None:
        """Parent side: adds the open urges of a merged case that it does not have yet, without their persons."""
        if State(self.state) not in OPEN or all(entry.case != child for entry in self.merged_children()):
            return
        known = {urge.of_number for urge in self.urges if urge.of == child and not urge.released}
        for urge in urges:
            if urge.is_open and urge.number not in known and len(self.urges) < MOST_ENTRIES:
                taken = embedded.Urge(at=urge.at, due=urge.due, of=child, of_number=urge.number)
                self._take_urge(self._system(), now, taken)

    def take_answer_of_parent(self, number: int, at: datetime, note: str) -> None:
        """Child side: the answer that the parent's lead gave to this case's party."""
        urge = next((urge for urge in self.urges if urge.number == number), None)
        if urge is None or urge.answered_at:
            return
        urge.answered_at, urge.note = at, note
        self._record_step(Act.ANSWER_URGE, self._system(), at, note=note)
        self._emit_urge_answered(urge)

    def take_child_report(self, child: str, now: datetime) -> None:
        """Parent side: a party of a merged case reported the matter again; its words stay there."""
        if any(entry.case == child for entry in self.merged_children()) and len(self.history) < MOST_STEPS_BESIDE:
            self._record_step(Act.SUPPLEMENT, self._system(), now, reason=child)
            self.emit(Supplemented(case=self.public_state()))

    # -- internals -------------------------------------------------------------------------------------

    def _take_urge(self, by: Principal, now: datetime, urge: embedded.Urge) -> int:
        number = urge.number = len(self.urges) + 1
        self.urges.append(urge)
        self._record_step(Act.URGE, by, now, reason=urge.of)
        self.emit(Urged(case=self.public_state(), number=number, answer_by=urge.due))
        if number == URGES_BEFORE_SUPERVISION and self.state != State.MERGED:
            self._supervise("urged", self._dispatching_tier(), self._system(), now)
        return number

    def _emit_urge_answered(self, urge: embedded.Urge) -> None:
        answered = urge.answered_at
        self.emit(
            UrgeAnswered(
                case=self.public_state(), number=urge.number, on_time=answered is not None and answered <= urge.due,
                of=urge.of, of_number=urge.of_number,
            )
        )  # fmt: skip

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
