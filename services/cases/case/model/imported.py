"""Import of cases from another system: each enters in its state there, with one event; its clock starts now."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Self

from mongoengine import StringField

from chassis.errors import Fault, Invalid, one_of
from chassis.security.principal import Principal
from chassis.sentences import plain
from services.cases.api.states import State
from services.cases.case import texts_en
from services.cases.case.acts import Act
from services.cases.case.events import Imported
from services.cases.case.model.inputs import Report
from services.cases.case.model.lead_unit import LedCase, UnitRef
from services.cases.case.model.limits import Limits
from services.cases.case.model.states import AT_WORK
from services.cases.case.texts_zh import CASE_STATES

IMPORTABLE = (
    State.REPORTED, State.VERIFYING, State.REGISTERED, State.DISPATCHED, State.ACCEPTED,
    State.IN_PROGRESS, State.CLOSED, State.REJECTED,
)  # fmt: skip
_LED = (State.DISPATCHED, State.ACCEPTED, State.IN_PROGRESS)


class Importing(LedCase):
    """`import_digest`: blind index of the imported row, which tells the same row from another one of its number."""

    meta = {"abstract": True, "strict": False}

    import_digest: str = StringField(default="")

    @classmethod
    def imported(
        cls,
        by: Principal,
        key: str,
        report: Report,
        state: State,
        source: str,
        limits: Limits,
        now: datetime,
        lead: UnitRef | None = None,
        reported_at: datetime | None = None,
        closed_at: datetime | None = None,
        digest: str = "",
    ) -> Self:
        """`source`: the other system and the case's number there. Raises `Invalid` with the `import_faults`."""
        if faults := list(import_faults(state, lead is not None, reported_at, closed_at, now)):
            raise Invalid(*faults)
        case = cls._new(by.tenant, key, "import", report, now)
        case.state, case.state_since, case.source = state, now, source
        case.import_digest, case.limits_version = digest, report.limits_version
        case._record_first_owner(by)
        case._record_step(Act.IMPORT, by, now, to=state)
        if lead:
            case._set_lead(lead, "")
        case._time_import(state, limits, now)
        case.reported_at = reported_at or now
        case.closed_at = closed_at or case.closed_at
        case.emit(Imported(case=case.public_state(), source=source))
        return case

    def _time_import(self, state: State, limits: Limits, now: datetime) -> None:
        if state in AT_WORK:
            self.registered_at = now
            self._start_clock(now, limits)
        match state:
            case State.REPORTED | State.VERIFYING:
                self._await_step("verify", limits.verify_due(self.importance, now))
            case State.REGISTERED:
                self._await_step("dispatch", limits.dispatch_due(self.importance, now))
            case State.DISPATCHED:
                self._await_step("accept", limits.accept_due(self.importance, now))
            case State.CLOSED:
                self.closed_at = now


def import_faults(
    state: State, has_lead: bool, reported_at: datetime | None, closed_at: datetime | None, now: datetime
) -> Iterator[Fault]:
    """Yields that a state cannot be imported, that a case which a unit works on has no lead, and times that contradict
    it or each other."""
    if state not in IMPORTABLE:
        yield one_of("state", IMPORTABLE)
    elif state in _LED and not has_lead:
        is_en = texts_en.CASE_STATES.get(state) or plain(state)
        yield "lead", f"a case that is {is_en} needs a lead", f"“{CASE_STATES[state]}”案件须填写牵头单位"
    if closed_at and state is not State.CLOSED:
        yield "closed_at", "only a closed case has one", f"仅“{CASE_STATES[State.CLOSED]}”案件可填写结案时间"
    for field, moment in (("reported_at", reported_at), ("closed_at", closed_at)):
        if moment and moment > now:
            yield field, "must not be in the future", "不得晚于当前时间"
    if reported_at and closed_at and closed_at < reported_at:
        yield "closed_at", "must not be before reported_at", "不得早于 reported_at"
