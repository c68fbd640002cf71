"""Handling by the lead: start, contact with the party, progress notes, and the result 办结."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from chassis.errors import Invalid, Refused, spoken_fault
from chassis.security.principal import Principal
from services.cases.api.states import Outcome, State
from services.cases.case.acts import Act
from services.cases.case.events import PartyContacted, ProgressNoted, ReporterAnswered, Resolved, Started
from services.cases.case.model import embedded
from services.cases.case.model.guards import Guard
from services.cases.case.model.inputs import Input
from services.cases.case.model.lead_requests import lapse
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.refusals import NothingShown
from services.cases.case.model.states import OPEN, WITH_LEAD
from vocabulary.roles import Permission

START = Guard(Act.START, Permission.HANDLE)
CONTACT = Guard(Act.CONTACT, Permission.HANDLE, states=WITH_LEAD)
NOTE_PROGRESS = Guard(
    Act.NOTE_PROGRESS, Permission.NOTE_PROGRESS, states=OPEN, facts=lambda case: {"units": case.units, "spans": ()}
)
RESOLVE = Guard(Act.RESOLVE, Permission.HANDLE)
ANSWER_REPORTER = Guard(Act.ANSWER_REPORTER, Permission.ANSWER_REPORTER, states=State)


class Resolution(Input, frozen=True, kw_only=True):
    """`planned` (挂账) needs the date on which the case reopens; `proof`: photo ids; `note`: what was done, sealed."""

    outcome: Outcome
    proof: tuple[str, ...] = ()
    note: str = ""
    planned_for: datetime | None = None


class SubTasksOpen(Refused):
    """`numbers`: the sub-tasks that are neither done nor waived."""

    code = "case.sub_tasks_open"
    en = "These sub-tasks are still open: {numbers}. Finish or waive them first."
    zh = "子任务 {numbers} 尚未完成，请先完成或豁免。"


class PartyNotContacted(Refused):
    code = "case.party_not_contacted"
    en = "The party has not been contacted. Contact them and record it before resolving the case."
    zh = "尚未联系当事人，请联系并记录后再行办结。"


class Handling(LedCase):
    meta = {"abstract": True, "strict": False}

    def start(self, by: Principal, now: datetime) -> None:
        self.require_may(START, by)
        self._move(Act.START, State.IN_PROGRESS, by, now)
        self.emit(Started(case=self.public_state()))

    def contact(self, by: Principal, note: str, now: datetime) -> None:
        """Records the first contact with the party, which has its own limit from ACCEPTED; later ones are progress."""
        self.require_may(CONTACT, by)
        if not note:
            raise NothingShown(needs="a note of the contact")
        if self.contacted_at is not None:
            self.note_progress(by, note, now)
            return
        self.contacted_at = now
        self._record_step(Act.CONTACT, by, now, note=note)
        on_time = self.contact_due is None or now <= self.contact_due
        self.emit(PartyContacted(case=self.public_state(), on_time=on_time))

    def note_progress(self, by: Principal, note: str, now: datetime) -> None:
        """Records a progress note, by a unit that works on the case or a tier above it."""
        self.require_may(NOTE_PROGRESS, by, owner=self.lead or self.tier)
        if not note:
            raise NothingShown(needs="a note")
        self._record_step(Act.NOTE_PROGRESS, by, now, note=note)
        self.emit(ProgressNoted(case=self.public_state()))

    def resolve(self, by: Principal, result: Resolution, limits: Limits, now: datetime) -> None:
        """办结 with an outcome and proof: stops the clock and hands the case to inspection at once."""
        self.require_may(RESOLVE, by)
        self.require_work_done()
        _require_complete(result, limits, now)
        self._move(Act.RESOLVE, State.RESOLVED, by, now, reason=result.outcome, note=result.note)
        self._stop_clock(now, limits)
        lapse(self.requests)
        self._release_absent()
        due = self.breached_at or self.due
        on_time = due is None or now <= due
        self._record_result(result, on_time, now)
        self._move(Act.INSPECT, State.INSPECTING, self._system(), now)
        self._await_step("inspect", limits.inspection_due(self.importance, now))
        self.emit(
            Resolved(case=self.public_state(), on_time=on_time, first=len(self.results) == 1, photos=list(result.proof))
        )

    def answer_reporter(self, by: Principal, note: str, backups: frozenset[str], now: datetime) -> None:
        """首问负责: the first owner answers the reporter; `backups`: subjects who hold their B post."""
        answering = {self.first_person, *backups} - {""}
        self.require_may(ANSWER_REPORTER, by, owner="the first owner", taken_by=answering)
        if not note:
            raise NothingShown(needs="the answer that was given")
        self.answered_by_owner_at = now
        self._record_step(Act.ANSWER_REPORTER, by, now, note=note)
        self.emit(ReporterAnswered(case=self.public_state(), by_backup=by.subject != self.first_person))

    def shows_photo(self, photo: str) -> bool:
        """Returns whether a step that was taken names the photo."""
        verified = self.verification.photos if self.verification else []
        return photo in self.photos or photo in verified or any(photo in result.proof for result in self.results)

    def lose_photos(self, lost: Collection[str]) -> None:
        """Takes out photos that another matter had taken before the event of this case came to them."""

        def kept(photos: list[str]) -> list[str]:
            return [photo for photo in photos if photo not in lost]

        self.photos, self.screened_photos = kept(self.photos), kept(self.screened_photos)
        if self.verification:
            self.verification.photos = kept(self.verification.photos)
        for result in self.results:
            result.proof = kept(result.proof)

    def require_work_done(self) -> None:
        left = [task.number for task in self.sub_tasks if task.state not in ("DONE", "WAIVED")]
        if left:
            raise SubTasksOpen(numbers=left)
        if self._has_somebody_to_contact() and self.contacted_at is None:
            raise PartyNotContacted()

    # -- internals -------------------------------------------------------------------------------------

    def _record_result(self, result: Resolution, on_time: bool, now: datetime) -> None:
        self.outcome = result.outcome
        self.planned_for = result.planned_for if result.outcome == "planned" else None
        self.results.append(
            embedded.Result(
                round=self.round, lead=self.lead, outcome=result.outcome, resolved_at=now, due=self.counted_due,
                on_time=on_time, proof=list(result.proof), note=result.note,
            )
        )  # fmt: skip

    def _release_absent(self) -> None:
        """Releases units that were called and have not reported in; calls end with the work."""
        for call in self.calls:
            if call.state == "CALLED":
                call.state = "RELEASED"
        self._refresh_units()


def _require_complete(result: Resolution, limits: Limits, now: datetime) -> None:
    if not result.proof and not result.note:
        raise NothingShown(needs="proof: photos or a note of what was done")
    if result.outcome == "planned":
        _require_planned_date(result.planned_for, now, limits.planned_until(now))


def _require_planned_date(planned_for: datetime | None, now: datetime, latest: datetime) -> None:
    if planned_for is None or planned_for <= now:
        raise Invalid(("planned_for", "a planned outcome needs a future date", "挂账办理须填写将来的日期"))
    if planned_for > latest:
        raise Invalid(
            spoken_fault("planned_for", "must not be after {latest:time}", "不得晚于{latest:time}", latest=latest)
        )
