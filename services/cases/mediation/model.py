"""Mediation aggregate (矛盾化解): parties, mediator, sessions, signed agreement, fulfilment.

Mediation is voluntary, and only participants can read it: neither the tier above nor a supervisor. All text is
sealed. A failed mediation names the remedy that remains.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from mongoengine import DateTimeField, EmbeddedDocumentListField, ListField, StringField

from chassis.envelope import NOBODY, Event, Visibility
from chassis.errors import Invalid, Refused, spoken_fault
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal
from chassis.usecases.visibility import Visible
from services.cases.case import texts_en
from services.cases.case.model.permissions import require_permission
from services.cases.case.texts_zh import CAPACITIES, MEDIATION_STATES
from services.cases.mediation import events
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission


class State(StrEnum):
    OPEN = "OPEN"
    AGREED = "AGREED"
    FULFILLED = "FULFILLED"
    FAILED = "FAILED"


class Remedy(StrEnum):
    ARBITRATION = "arbitration"
    COURT = "court"


class Failure(StrEnum):
    NO_AGREEMENT = "no_agreement"
    PARTY_LEFT = "party_left"
    NOT_FULFILLED = "not_fulfilled"


class WrongMediationState(Refused):
    code = "mediation.wrong_state"
    en = "The mediation is {state}; this step is possible only while it is {possible}."
    zh = "调解当前状态为“{state}”，此步骤仅适用于“{possible}”状态。"
    chinese = {"state": MEDIATION_STATES, "possible": MEDIATION_STATES}
    english = {"state": texts_en.MEDIATION_STATES, "possible": texts_en.MEDIATION_STATES}


class SessionIncomplete(Refused):
    """`missing`: the persons and bodies whose presence is required; `absent`: the same, a person by capacity."""

    code = "mediation.session_incomplete"
    en = (
        "A session needs every party, a mediator and the standing bodies. Missing: {absent:verbatim}. Convene it again."
    )
    zh = "调解会须当事各方、调解员及常设单位全部到场。缺席：{absent:verbatim}。请另行召集。"
    chinese = {"absent": CAPACITIES}
    english = {"absent": texts_en.CAPACITIES}


class NoSessionYet(Refused):
    code = "mediation.no_session"
    en = "No session has been held. Hold one before you propose an agreement."
    zh = "尚未召开调解会，请召开后再提出协议。"


class NothingToSign(Refused):
    code = "mediation.nothing_to_sign"
    en = "The mediator has not proposed an agreement yet."
    zh = "调解员尚未提出调解协议。"


class NotDueYet(Refused):
    code = "mediation.not_due_yet"
    en = "The agreement is due by {fulfil_by:time}; you can report a default after that."
    zh = "协议履行期限为{fulfil_by:time}，期满后方可反映未履行情况。"


class Participant(Embedded):
    """`capacity`: party, mediator or invited (the X of 3+X); `body`: the body they represent; `name`: sealed."""

    person: str = StringField(required=True)
    capacity: str = StringField(required=True)
    body: str = StringField(default="")
    name: str = StringField(default="")
    signed_at: datetime | None = DateTimeField()
    fulfilled_at: datetime | None = DateTimeField()


class Session(Embedded):
    at: datetime = DateTimeField(required=True)
    present: list[str] = ListField(StringField())
    minutes: str = StringField(default="")


def remedy_for(category: str) -> Remedy:
    """Labour disputes go to arbitration before court (劳动争议调解仲裁法, article 5), all others to court."""
    return Remedy.ARBITRATION if category.startswith("dispute.labour") else Remedy.COURT


class Mediation(Visible):
    """Aggregate (3+X四方共议). `standing`: the bodies, usually three, that must attend every session."""

    meta: ClassVar[dict[str, Any]] = {"collection": "mediations"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("people", "-opened_at", "-_id"), ("case",)]
    visible_to = NOBODY

    case: str = StringField(default="")
    area: str = StringField(required=True)
    category: str = StringField(required=True)
    topic: str = StringField(default="")
    standing: list[str] = ListField(StringField())
    participants: list[Participant] = EmbeddedDocumentListField(Participant)
    people: list[str] = ListField(StringField())
    convener: str = StringField(required=True)
    opened_at: datetime = DateTimeField(required=True)
    state: str = StringField(default=State.OPEN)
    sessions: list[Session] = EmbeddedDocumentListField(Session)
    agreement: str = StringField(default="")
    fulfil_by: datetime | None = DateTimeField()
    failure: str = StringField(default="")
    remedy: str = StringField(default="")

    @classmethod
    def open(
        cls,
        key: str,
        by: Principal,
        *,
        area: str,
        category: str,
        topic: str,
        participants: list[Participant],
        now: datetime,
        case: str = "",
        standing: tuple[str, ...] = (),
    ) -> Mediation:
        require_permission(by, Permission.OPEN_MEDIATION, on=Resource(area=area))
        _require_fair(participants, standing)
        mediation = cls(
            id=cls.identity(by.tenant, key),
            tenant=by.tenant,
            case=case,
            area=area,
            category=category,
            topic=topic,
            standing=list(standing),
            participants=participants,
            people=[*{by.subject, *(participant.person for participant in participants)}],
            convener=by.subject,
            opened_at=now,
        )
        mediation.emit(events.MediationOpened(case=case, area=area))
        return mediation

    def hold_session(self, by: Principal, present: list[str], minutes: str, now: datetime) -> None:
        self._mediate(by)
        missing = self._missing(present)
        if missing:
            parties = {party.person for party in self.parties}
            absent = ["party" if each in parties else each for each in missing]
            raise SessionIncomplete(missing=missing, absent=list(dict.fromkeys(absent)))
        self.sessions.append(Session(at=now, present=present, minutes=minutes))

    def propose(self, by: Principal, agreement: str, fulfil_by: datetime, now: datetime) -> None:
        """Proposes an agreement text; clears all signatures under an earlier one."""
        self._mediate(by)
        if not self.sessions:
            raise NoSessionYet()
        if fulfil_by <= now:
            raise Invalid(("fulfil_by", "must be in the future", "须晚于当前时间"))
        self.agreement = agreement
        self.fulfil_by = fulfil_by
        for party in self.parties:
            party.signed_at = None

    def sign(self, by: Principal, now: datetime) -> None:
        """Signs as a party; the mediation is AGREED once all parties have signed."""
        party = self._party(by, State.OPEN)
        fulfil_by = self._proposed_date()
        party.signed_at = party.signed_at or now
        if all(party.signed_at for party in self.parties):
            self.state = State.AGREED
            self.emit(events.MediationAgreed(case=self.case, fulfil_by=fulfil_by))

    def confirm_fulfilled(self, by: Principal, now: datetime) -> None:
        """Confirms as a party; the mediation is FULFILLED once all parties have confirmed."""
        party = self._party(by, State.AGREED)
        party.fulfilled_at = party.fulfilled_at or now
        if all(party.fulfilled_at for party in self.parties):
            self.state = State.FULFILLED
            self.emit(events.MediationFulfilled(case=self.case))

    def report_default(self, by: Principal, now: datetime) -> None:
        """A party reports, after the agreed date, that the agreement was not fulfilled."""
        self._party(by, State.AGREED)
        fulfil_by = self._proposed_date()
        if now <= fulfil_by:
            raise NotDueYet(fulfil_by=fulfil_by.isoformat())
        self._fail(Failure.NOT_FULFILLED)

    def leave(self, by: Principal) -> None:
        """Any party may end the mediation until it is agreed, because it is voluntary."""
        self._party(by, State.OPEN)
        self._fail(Failure.PARTY_LEFT)

    def give_up(self, by: Principal) -> None:
        """The mediator ends the mediation without an agreement."""
        self._mediate(by)
        self._fail(Failure.NO_AGREEMENT)

    @property
    def parties(self) -> list[Participant]:
        return [participant for participant in self.participants if participant.capacity == "party"]

    def seen_by(self, principal: Principal) -> bool:
        return may(principal, Permission.TAKE_PART, Resource(persons=self.people))

    def event_visibility(self, event: Event) -> Visibility:
        """Only those in it learn of it, and none of them which case it came from."""
        return Visibility(persons=list(self.people), internal=events.MediationEvent.internal)

    def _mediate(self, by: Principal) -> None:
        mediators = [each.person for each in self.participants if each.capacity == "mediator"]
        require_permission(by, Permission.MEDIATE, on=Resource(persons=mediators), owner="mediator")
        self._require(State.OPEN)

    def _party(self, by: Principal, state: State) -> Participant:
        """Returns the caller as a party, while the mediation is in this state."""
        parties = {party.person: party for party in self.parties}
        require_permission(by, Permission.TAKE_PART, on=Resource(persons=parties), owner="party")
        self._require(state)
        return parties[by.subject]

    def _require(self, state: State) -> None:
        if self.state != state:
            raise WrongMediationState(state=self.state, possible=state)

    def _proposed_date(self) -> datetime:
        """Returns when the proposed agreement is to be fulfilled. Raises `NothingToSign` if none is proposed."""
        if self.fulfil_by is None:
            raise NothingToSign()
        return self.fulfil_by

    def _missing(self, present: list[str]) -> list[str]:
        there = [participant for participant in self.participants if participant.person in present]
        missing = [party.person for party in self.parties if party not in there]
        if not any(participant.capacity == "mediator" for participant in there):
            missing.append("mediator")
        bodies = {participant.body for participant in there}
        return missing + [body for body in self.standing if body not in bodies]

    def _fail(self, reason: Failure) -> None:
        self.state = State.FAILED
        self.failure = reason
        self.remedy = remedy_for(self.category)
        self.emit(events.MediationFailed(case=self.case, reason=self.failure, remedy=self.remedy))


def _require_fair(participants: list[Participant], standing: tuple[str, ...]) -> None:
    """Raises `Invalid` unless there are two parties, a separate mediator and all standing bodies, and nobody twice."""
    by_capacity: dict[str, list[str]] = {"party": [], "mediator": [], "invited": []}
    for participant in participants:
        by_capacity[participant.capacity].append(participant.person)
    people = [participant.person for participant in participants]
    absent = sorted(set(standing) - {participant.body for participant in participants})
    rules: tuple[tuple[bool, str, str], ...] = (
        (len(by_capacity["party"]) >= 2, "needs at least two parties", "至少须有两方当事人"),
        (bool(by_capacity["mediator"]), "needs a mediator", "须有调解员"),
        (
            len(people) == len(set(people)),
            "must not name anyone twice; a party cannot be the mediator",
            "每人只能以一种身份参加，当事人不得担任调解员",
        ),
        (not absent, "needs the standing bodies {absent:verbatim}", "还须有常设单位{absent:verbatim}"),
    )
    faults = [spoken_fault("participants", en, zh, absent=absent) for is_met, en, zh in rules if not is_met]
    if faults:
        raise Invalid(*faults)
