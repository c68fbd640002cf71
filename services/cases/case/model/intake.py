"""Intake: report, verification 核实, registration 立案, rejection, on-the-spot resolution, objection, screening."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from chassis.errors import Invalid, Refused, one_of
from chassis.security.principal import Principal
from services.cases.api.states import Priority, State
from services.cases.case.acts import Act
from services.cases.case.events import (
    Objected,
    Registered,
    Rejected,
    Reported,
    Screened,
    SelfResolved,
    Verified,
)
from services.cases.case.model import embedded
from services.cases.case.model.guards import Guard
from services.cases.case.model.inputs import PartyIs, Registration, Report
from services.cases.case.model.lead_unit import LedCase
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import require_permission
from services.cases.case.model.refusals import NothingShown, TooLate
from services.cases.case.model.visibility import VISIT, taken_by
from vocabulary import tiers
from vocabulary.reasons import ELSEWHERE
from vocabulary.roles import REPORTERS, Permission, Role
from vocabulary.tiers import Tier

#: `Case.kind` by the reporter's role. Others are `staff`, who work for a community, street, centre or department;
#: `resolution`, `visit` and `import` say where the case comes from.
_KIND_OF_ROLE = {
    Role.RESIDENT: "resident",
    Role.COURIER: "courier",
    Role.GRID_WORKER: "grid_worker",
    Role.GRID_LEADER: "grid_worker",
    Role.COUNTER: "counter",
    Role.HOTLINE: "hotline",
}
#: Kinds whose reporter has been on site, so no verification is needed.
_SEEN_BY_STAFF = frozenset({"grid_worker", "staff", "resolution", VISIT})

VERIFY = Guard(Act.VERIFY, Permission.VERIFY)
REGISTER = Guard(Act.REGISTER, Permission.REGISTER)
REJECT = Guard(Act.REJECT, Permission.REGISTER)
SELF_RESOLVE = Guard(Act.SELF_RESOLVE, Permission.SELF_RESOLVE)
OBJECT = Guard(Act.OBJECT, Permission.PURSUE)
SCREEN = Guard(Act.SCREEN, Permission.SCREEN, states=State, facts=lambda case: {"taken_by": taken_by(case)})


class NotVerified(Refused):
    code = "case.not_verified"
    en = "The case has not been verified. Verify it with a photo or note first."
    zh = "案件尚未核实，请先提交照片或说明完成核实。"


class NothingFound(Refused):
    code = "case.nothing_found"
    en = "Verification did not confirm the report. Reject the case or have it verified again."
    zh = "核实未发现所反映的问题，请作不予受理处理或重新核实。"


class PartyMissing(Refused):
    code = "case.party_missing"
    en = "Name the party, or state that there is nobody to contact."
    zh = "立案须填写当事人信息，或注明无当事人。"


class ObjectedBefore(Refused):
    code = "case.objected_before"
    en = "An objection has already been made; only one is possible."
    zh = "异议只能提出一次，本案已提出过异议。"


class NothingToScreen(Refused):
    code = "case.nothing_to_screen"
    en = "Everyone who reported this case gave their name, so there is nothing to screen."
    zh = "本案诉求人均为实名，无需脱敏。"


class Intake(LedCase):
    meta = {"abstract": True, "strict": False}

    @classmethod
    def report(cls, by: Principal, key: str, report: Report, limits: Limits, now: datetime) -> Self:
        require_permission(by, Permission.REPORT)
        if report.party and report.party.confidentiality != "named":
            by = _as_reporter(by, report.party)
        kind = "resolution" if report.resolution else VISIT if report.visit else _kind_of(by)
        case = cls._new(by.tenant, key, kind, report, now)
        case.state, case.state_since, case.limits_version = State.REPORTED, now, report.limits_version
        case._record_step(Act.REPORT, by, now, to=State.REPORTED)
        if kind not in REPORTERS:
            case._record_first_owner(by)
        case.emit(Reported(case=case.public_state(), photos=case.photos))
        if case._skips_verification():
            case._verify_at_once(by, now)
        else:
            case._await_step("verify", limits.verify_due(case.importance, now))
        return case

    def verify(self, by: Principal, found: bool, note: str, photos: tuple[str, ...], now: datetime) -> None:
        """核实: records what staff of the area found on site. Raises `NothingShown` without a note or photo."""
        self.require_may(VERIFY, by)
        if not note and not photos:
            raise NothingShown(needs="a photo or note")
        self._move(Act.VERIFY, State.VERIFYING, by, now, note=note)
        self.verification = embedded.Verification(at=now, by=by.subject, found=found, note=note, photos=list(photos))
        self._record_first_owner(by)
        self.emit(Verified(case=self.public_state(), found=found, photos=list(photos)))

    def register(self, by: Principal, registration: Registration, limits: Limits, now: datetime) -> None:
        """立案: starts the clock and makes the priority final."""
        self.require_may(REGISTER, by)
        self.require_found()
        self._require_party_or_nobody(registration)
        if registration.tier and registration.tier not in tiers.TIERS:
            raise Invalid(one_of("tier", tiers.TIERS))
        if registration.place:
            self._put_at(registration.place, self.spans)
        if registration.party:
            self._add_party(registration.party)
        self._move(Act.REGISTER, State.REGISTERED, by, now)
        self._record_first_owner(by)
        self.category = registration.category
        self.priority = self.own_priority = str(registration.priority)
        self.tier = self._tier_for(by, registration)
        self.registering_tier = tiers.tier_of(by.area) if by.has(Role.STREET, Role.CENTRE) else ""
        self.registered_at, self.limits_version = now, registration.limits_version or self.limits_version
        self.emergency = registration.emergency
        if registration.personal_claim is not None:
            self.personal_claim = registration.personal_claim
        self._start_clock(now, limits)
        self._await_step("dispatch", limits.dispatch_due(self.importance, now))
        self.emit(Registered(case=self.public_state()))

    def reject(self, by: Principal, reason: str, now: datetime, note: str = "", go_to: str = "") -> None:
        """不受理. The reporter reads `reason`, `note` and `go_to`, which `elsewhere` needs; the last two are sealed."""
        self.require_may(REJECT, by)
        self.require_verified()
        if reason == ELSEWHERE and not go_to:
            raise NothingShown(needs="where the reporter should go")
        self._move(Act.REJECT, State.REJECTED, by, now, reason=reason, note=note)
        self.rejection = embedded.Rejection(reason=reason, go_to=go_to, note=note)
        self._record_first_owner(by)
        self.emit(Rejected(case=self.public_state(), reason=reason))

    def self_resolve(self, by: Principal, note: str, photos: tuple[str, ...], now: datetime) -> None:
        """当场解决, with photos or the answer given as proof; indicators count it separately."""
        self.require_may(SELF_RESOLVE, by)
        if not note and not photos:
            raise NothingShown(needs="photos or the answer")
        self._move(Act.SELF_RESOLVE, State.SELF_RESOLVED, by, now, note=note)
        self._record_first_owner(by)
        self.photos = [*self.photos, *photos]
        self.emit(SelfResolved(case=self.public_state(), photos=list(photos)))

    def object(self, by: Principal, limits: Limits, now: datetime, note: str = "", person: str = "") -> None:
        """异议 against a rejection or an on-the-spot resolution, once and within its limit; restarts verification."""
        self.require_may_object(by, limits, now, person)
        self._move(Act.OBJECT, State.VERIFYING, by, now, note=note)
        self.objected, self.verification, self.rejection = True, None, None
        self.emit(Objected(case=self.public_state()))
        if self._skips_verification():
            self._verify_at_once(by, now)
        else:
            self._await_step("verify", limits.verify_due(self.importance, now))

    def require_may_object(self, by: Principal, limits: Limits, now: datetime, person: str = "") -> None:
        self.require_may(OBJECT, by)
        self._party(by, person)
        if self.objected:
            raise ObjectedBefore()
        if now > (until := limits.objection_until(self.state_since)):
            raise TooLate(until=until.isoformat())

    def require_hidden_reporter(self) -> None:
        if self.all_named:
            raise NothingToScreen()

    def require_verified(self) -> embedded.Verification:
        if self.verification is None:
            raise NotVerified()
        return self.verification

    def require_found(self) -> None:
        if not self.require_verified().found:
            raise NothingFound()

    def screen(self, by: Principal, text: str, photos: tuple[str, ...], now: datetime) -> None:
        """Stores the redacted text (sealed) and photos of a confidential or anonymous report; by intake only."""
        self.require_may(SCREEN, by, owner="intake")
        self.require_hidden_reporter()
        if not set(photos) <= set(self.photos):
            raise Invalid(("photos", "must be photos of this case", "须为本案的照片"))
        self.screened, self.screened_text, self.screened_photos = True, text, list(photos)
        self._record_step(Act.SCREEN, by, now)
        self.emit(Screened(case=self.public_state()))

    # -- internals -------------------------------------------------------------------------------------

    def _require_party_or_nobody(self, registration: Registration) -> None:
        if registration.nobody and self._has_somebody_to_contact():
            told = "the case has a party who can be contacted; leave it out", "本案已有可联系的当事人，不得填写此项"
            raise Invalid(("nobody", *told))
        if not self.parties and not registration.party and not registration.nobody:
            raise PartyMissing()

    def _skips_verification(self) -> bool:
        looked_at = self.place is not None and self.place.can_be_visited
        return self.kind in _SEEN_BY_STAFF or not looked_at or self.importance is Priority.P1

    def _verify_at_once(self, by: Principal, now: datetime) -> None:
        if self.state == State.REPORTED:
            self._move(Act.VERIFY, State.VERIFYING, self._system(), now, reason="at_once")
        self.verification = embedded.Verification(at=now, by=self._system().subject)
        self.emit(Verified(case=self.public_state(), found=True, at_once=True))

    def _tier_for(self, by: Principal, registration: Registration) -> str:
        """Returns the dispatching tier: the one named, else the registrar's own.

        For P1 it is as high as the responsibility lists go, and never lower than the area that contains all spans.
        """
        depths = [tiers.depth_of(registration.tier or self._own_tier(by))]
        if not registration.tier and self.importance is Priority.P1:
            depths += [tiers.depth_of(tier) for tier in registration.listed_tiers]
        if self.spans:
            depths.append(tiers.depth_of(tiers.tier_of(self.area)))
        if (kept := self._kept(self.area)) != self.area:
            depths.append(tiers.depth_of(tiers.tier_of(kept)))
        return tiers.TIERS[min(depths) - 1]

    def _own_tier(self, by: Principal) -> str:
        """Returns the tier that has the case once `by` has registered it; for the hotline, the street.

        What a community registers is with the grid of the place, whose workers may pass it up (上报); the community and
        every tier above it can take it from there.
        """
        if by.has(Role.STREET, Role.CENTRE):
            return tiers.tier_of(by.area)
        return tiers.tier_of(tiers.at_tier(self.area, Tier.MICRO_GRID)) if by.has(Role.COMMUNITY) else Tier.STREET


def _as_reporter(by: Principal, party: PartyIs) -> Principal:
    """Returns who reports for themselves without a name as just that: post and unit, if they have any, tell who it is.

    The subject of an anonymous reporter is not stored anywhere, not even in the case.
    """
    if by.subject != party.person and not by.has(*REPORTERS):
        return by
    return Principal(tenant=by.tenant, subject=party.person, roles=by.roles & REPORTERS or frozenset({Role.RESIDENT}))


def _kind_of(by: Principal) -> str:
    """Returns the kind by the caller's role. A resident who is also staff reports as staff."""
    staffed = [kind for role, kind in _KIND_OF_ROLE.items() if role in by.roles and kind not in REPORTERS]
    if staffed:
        return staffed[0]
    if by.has(Role.COMMUNITY, Role.STREET, Role.CENTRE, Role.DEPARTMENT, Role.INSPECTOR):
        return "staff"
    return "courier" if by.has(Role.COURIER) else "resident"
