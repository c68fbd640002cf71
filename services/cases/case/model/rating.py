"""Rating 评价 by the parties: contacted, solved, satisfied 1 to 5. No answer means "not rated", never "satisfied"."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chassis.errors import Invalid, Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.api.types import SCORES
from services.cases.case.acts import Act
from services.cases.case.events import CalledBack, Rated, Reopened
from services.cases.case.model import embedded
from services.cases.case.model.guards import Guard
from services.cases.case.model.inputs import Input
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.timer import Timer, TimerKind
from vocabulary.roles import Permission

RATE = Guard(Act.RATE, Permission.RATE, states=(State.AWAITING_RATING,), at_parent=True)
CALL_BACK = Guard(Act.CALL_BACK, Permission.CALL_BACK, states=(State.AWAITING_RATING,), at_parent=True)


class Answer(Input, frozen=True, kw_only=True):
    """A party's rating. None: that question was not answered."""

    contacted: bool | None = None
    solved: bool | None = None
    satisfied: int | None = None


class AnsweredBefore(Refused):
    code = "case.answered_before"
    en = "This party has already rated the case."
    zh = "该当事人已评价，不能重复评价。"


class CalledBackBefore(Refused):
    code = "case.called_back_before"
    en = "This party has already been called back; each party gets one callback."
    zh = "每位当事人仅回访一次，该当事人已回访。"


class NotAsked(Refused):
    code = "case.rating_not_asked"
    en = "The case that this one was merged into is not awaiting rating yet."
    zh = "所并入的案件尚未进入评价阶段。"


class Rating(LedCase):
    """Rating stays open for 7 natural days, with one callback, and ends early once all parties have answered."""

    meta = {"abstract": True, "strict": False}

    def rate(self, by: Principal, answer: Answer, limits: Limits, now: datetime) -> None:
        party = self.require_may_rate(by, now)
        self._take_answer(party, answer, by, limits, now)

    def require_may_rate(self, by: Principal, now: datetime) -> embedded.Party:
        self.require_may(RATE, by)
        self._require_asked(now)
        party = self._party(by)
        if party.answered_at:
            raise AnsweredBefore()
        return party

    def call_back(
        self, by: Principal, person: str, reached: bool, answer: Answer | None, limits: Limits, now: datetime
    ) -> None:
        """Records the hotline's one callback, and the answers given in it."""
        party = self.require_may_call_back(by, person, now)
        party.called_back_at = now
        self._record_step(Act.CALL_BACK, by, now)
        self.emit(CalledBack(case=self.public_state(), reached=reached))
        if reached and answer:
            self._take_answer(party, answer, by, limits, now)

    def require_may_call_back(self, by: Principal, person: str, now: datetime) -> embedded.Party:
        self.require_may(CALL_BACK, by)
        self._require_asked(now)
        party = self._party(by, person)
        if party.called_back_at:
            raise CalledBackBefore()
        if party.answered_at:
            raise AnsweredBefore()
        return party

    def timers(self) -> Iterator[Timer]:
        yield from super().timers()
        if self.state == State.AWAITING_RATING and self.rating_until:
            yield Timer(self.rating_until, TimerKind.RATING, self._end_rating)

    # -- merged cases ---------------------------------------------------------------------------------

    def open_rating(self, until: datetime, lead: str, round_: int) -> None:
        """Asks the parties of this merged case to rate the parent: what its `lead` did in its `round_`.

        A later round starts a new rating; a late request for an earlier round changes nothing.
        """
        if self.state != State.MERGED or (self.rating_until and until <= self.rating_until):
            return
        forget_answers(self.parties, self.merged_children())
        self.rating_until, self.rated_lead, self.rated_round = until, lead, round_

    def take_child_answer(self, child: str, answer: Answer, round_: int, limits: Limits, now: datetime) -> None:
        """Counts the answer of a merged case's party; ignores a late one, an earlier round's or a released child's."""
        entry = next((entry for entry in self.merged_children() if entry.case == child), None)
        if entry is None or self.state != State.AWAITING_RATING or round_ != self.round:
            return
        entry.answered += 1
        entry.unsolved += answer.solved is False
        if answer.satisfied is not None:
            entry.lowest = min(answer.satisfied, entry.lowest or answer.satisfied)
        self._end_rating_when_all_answered(limits, now)

    # -- internals -------------------------------------------------------------------------------------

    def _require_asked(self, now: datetime) -> None:
        if self.state == State.MERGED:
            if self.rating_until is None:
                raise NotAsked()
            if now > self.rating_until:
                raise TooLate(until=self.rating_until.isoformat())

    def _take_answer(self, party: embedded.Party, answer: Answer, by: Principal, limits: Limits, now: datetime) -> None:
        if (answer.contacted, answer.solved, answer.satisfied) == (None, None, None):
            raise NothingShown(needs="an answer to at least one question")
        if answer.satisfied is not None and answer.satisfied not in SCORES:
            raise Invalid(("satisfied", f"must be {SCORES[0]} to {SCORES[-1]}", f"须为 {SCORES[0]} 至 {SCORES[-1]}"))
        party.answered_at = now
        party.contacted, party.solved, party.satisfied = answer.contacted, answer.solved, answer.satisfied
        self._record_step(Act.RATE, by, now)
        unit, round_ = (self.rated_lead, self.rated_round) if self.merged_into else (self.lead, self.round)
        self.emit(
            Rated(
                case=self.public_state(), unit=unit, contacted=answer.contacted, solved=answer.solved,
                satisfied=answer.satisfied, of=self.merged_into, round=round_,
            )
        )  # fmt: skip
        self._end_rating_when_all_answered(limits, now)

    def _end_rating_when_all_answered(self, limits: Limits, now: datetime) -> None:
        if self.state != State.AWAITING_RATING:
            return
        if all(p.answered_at for p in self.parties) and all(c.answered >= c.parties for c in self.merged_children()):
            self._end_rating(now, limits)

    def _end_rating(self, at: datetime, limits: Limits) -> None:
        """Reopens the case if any party answered "not solved"; otherwise closes it, even without answers."""
        unsolved = any(p.solved is False for p in self.parties) or any(c.unsolved for c in self.merged_children())
        to = State.REOPENED if unsolved else State.CLOSED
        self._move(Act.END_RATING, to, self._system(), at)
        if unsolved:
            self._begin_round(limits, at, half=True)
            self.emit(Reopened(case=self.public_state(), why="not_solved"))
        else:
            self._close(at)


def forget_answers(parties: list[embedded.Party], children: list[embedded.Child]) -> None:
    """Clears the answers, because each round is rated anew; the events and steps of the earlier round stay."""
    for party in parties:
        party.answered_at = party.called_back_at = None
        party.contacted = party.solved = party.satisfied = None
    for child in children:
        child.answered = child.unsolved = 0
        child.lowest = None
