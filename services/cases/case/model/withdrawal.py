"""Early end of a case: withdrawn 撤单 by its reporter, or voided 作废 by a centre."""

from __future__ import annotations

from datetime import datetime

from chassis.errors import Refused
from chassis.security.principal import Principal
from services.cases.api.states import State
from services.cases.case.acts import Act
from services.cases.case.events import Voided, Withdrawn
from services.cases.case.model.guards import Guard
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import NotParty, OwnWork
from services.cases.case.model.refusals import NothingShown
from services.cases.case.model.states import UNRESOLVED, require
from vocabulary.rights import belongs_to
from vocabulary.roles import REPORTERS, Permission

WITHDRAW = Guard(Act.WITHDRAW, Permission.WITHDRAW)
VOID = Guard(Act.VOID, Permission.VOID)


class HasChildren(Refused):
    code = "case.has_children"
    en = "Other cases are merged into this one, which goes on for them. Ask the dispatcher to separate them first."
    zh = "已有其他案件并入本案，本案须继续办理；请先由派单单位拆分。"


class Withdrawal(LedCase):
    meta = {"abstract": True, "strict": False}

    def withdraw(
        self, by: Principal, reason: str, limits: Limits, now: datetime, person: str = "", note: str = "",
        parent: State | None = None,
    ) -> None:  # fmt: skip
        """撤单, by the reporter; the event notifies all units that work on the case.

        `parent`: the state of the case that this one was merged into, which goes on without it.
        """
        self.require_may_withdraw(by, person, parent)
        self._end(Act.WITHDRAW, State.WITHDRAWN, by, reason, note, limits, now)
        out_of, self.merged_into, self.merged_from = self.merged_into, "", ""
        self.emit(Withdrawn(case=self.public_state(), reason=reason, out_of=out_of))

    def require_may_withdraw(self, by: Principal, person: str = "", parent: State | None = None) -> None:
        self.require_may(WITHDRAW, by)
        require(Act.WITHDRAW, parent or State(self.state), UNRESOLVED)
        self._require_reporter(by, person)
        self._require_without_children()

    def void(self, by: Principal, reason: str, limits: Limits, now: datetime, note: str = "") -> None:
        """作废, by a centre that does not lead the case itself; the event notifies everyone involved."""
        self.require_may_void(by)
        self._end(Act.VOID, State.VOIDED, by, reason, note, limits, now)
        self.emit(Voided(case=self.public_state(), reason=reason))

    def require_may_void(self, by: Principal) -> None:
        self.require_may(VOID, by)
        if belongs_to(by, self.lead):
            raise OwnWork(act=Act.VOID, reason="your unit leads this case")
        self._require_without_children()

    def _require_reporter(self, by: Principal, person: str) -> None:
        """Raises unless the caller is the first party or, if it is nobody's case, the staff member who reported it."""
        reported_by_staff = self.kind not in REPORTERS and self.history[0]["act"] == Act.REPORT
        if not self.parties and reported_by_staff and by.subject == self.first_person:
            return
        if self._party(by, person).person != self.parties[0].person:
            raise NotParty()

    def _require_without_children(self) -> None:
        if self.merged_children():
            raise HasChildren()

    def _end(self, act: Act, to: State, by: Principal, reason: str, note: str, limits: Limits, now: datetime) -> None:
        if not reason:
            raise NothingShown(needs="a reason")
        self._move(act, to, by, now, reason=reason, note=note)
        self._stop_clock(now, limits)
        self.closed_at = now
