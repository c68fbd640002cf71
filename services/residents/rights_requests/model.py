"""Aggregate of a request by which a person exercises the rights to their own data (个人信息权利请求)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from mongoengine import BooleanField, DateTimeField, ListField, StringField

from chassis.envelope import NOBODY
from chassis.errors import Refused
from chassis.security.principal import Principal, codes_of
from services.residents.joins.model import OwnMatter
from services.residents.people.model import Resident
from services.residents.placed import Placed
from services.residents.rights_requests.events import RightsRequestChanged
from vocabulary.access import require_in_area
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission

CORRECTION = "correction"
OPEN, ACCEPTED, REFUSED, WITHDRAWN = "OPEN", "ACCEPTED", "REFUSED", "WITHDRAWN"
_ZH = {OPEN: "待答复", ACCEPTED: "已同意", REFUSED: "未同意", WITHDRAWN: "已撤回"}
_EN = {OPEN: "open", ACCEPTED: "accepted", REFUSED: "refused", WITHDRAWN: "withdrawn"}


class RequestDecided(Refused):
    code = "rights_request.decided"
    en = "This request is {state} already. If something is still wrong, make a new request."
    zh = "该请求{state}；如仍有异议，请重新提出请求。"
    chinese = {"state": _ZH}
    english = {"state": _EN}


class AskedAlready(Refused):
    """`request`: the open one."""

    code = "rights_request.asked_already"
    en = "The correction of this field is already requested ({request:verbatim}). Withdraw that request first."
    zh = "已就该数据项提出更正请求（{request:verbatim}），请先撤回该请求。"


class Wanted(NamedTuple):
    """What a correction asks for. `value` and `note` are sealed."""

    field: str
    value: str
    note: str


class RightsRequest(Placed):
    """`resident`: whose it is now; `recorded_for`: the record for which it was made, which may be merged by now.

    `asked_by`: the sign-in, of the person or of `representative`. `wanted`, `note` and `answer` are sealed; the value
    is kept only until it is decided and, if accepted, written to the profile (`applied`).
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "rights_requests"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "state", "_id", "due"), ("resident",), ("recorded_for", "_id"),
    ]  # fmt: skip
    visible_to = NOBODY

    kind: str = StringField(default=CORRECTION)
    resident: str = StringField(required=True)
    recorded_for: str = StringField(required=True)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    field: str = StringField(required=True)
    wanted: str = StringField(default="")
    note: str = StringField(default="")
    state: str = StringField(default=OPEN)
    asked_by: str = StringField(required=True)
    representative: str = StringField(default="")
    asked_at: datetime = DateTimeField(required=True)
    due: datetime = DateTimeField(required=True)
    decided_by: str = StringField(default="")
    decided_at: datetime | None = DateTimeField()
    reason: str = StringField(default="")
    answer: str = StringField(default="")
    applied: bool = BooleanField(default=False)

    @classmethod
    def correction(
        cls, by: Principal, key: str, resident: Resident, representative: str, wanted: Wanted, due: datetime,
        now: datetime,
    ) -> RightsRequest:  # fmt: skip
        """Whether the caller may is decided before: it is their own record, or that of whom they represent."""
        resident.require_current()
        made = cls(
            id=cls.identity(by.tenant, key), tenant=by.tenant, recorded_for=resident.key, field=wanted.field,
            wanted=wanted.value, note=wanted.note, asked_by=by.subject, representative=representative, asked_at=now,
            due=due,
        )  # fmt: skip
        made._lie_with(resident)
        made._tell()
        return made

    def accept(self, by: Principal, person: str, now: datetime) -> None:
        """`person`: the sign-in of whose data it is. What was asked for is written to the profile on its event."""
        self._decide(by, person, ACCEPTED, now)

    def refuse(self, by: Principal, person: str, reason: str, answer: str, now: datetime) -> None:
        """`answer` is sealed."""
        self.reason, self.answer = reason, answer
        self._decide(by, person, REFUSED, now)
        self.wanted = ""

    def withdraw(self, now: datetime) -> None:
        self._require_open()
        self.state, self.decided_at, self.wanted = WITHDRAWN, now, ""
        self._tell()

    def settle(self) -> None:
        """The profile has what was asked for."""
        self.applied, self.wanted = True, ""

    def reopen(self) -> None:
        """The profile has changed meanwhile, and what was accepted contradicts it now."""
        self.state, self.decided_by, self.decided_at = OPEN, "", None
        self._tell()

    def follow(self, resident: Resident) -> None:
        """The person lives elsewhere, or the record was merged or separated."""
        before = self.resident, self.area
        self._lie_with(resident)
        if before != (self.resident, self.area):
            self._tell()

    def is_overdue(self, now: datetime) -> bool:
        return self.state == OPEN and self.due <= now

    def seen_by(self, by: Principal) -> bool:
        return may(by, Permission.ANSWER_RIGHTS_REQUESTS, Resource(area=self.area))

    def event_actor(self, actor: str) -> str:
        return ""  # whoever asks is the person, whose sign-in no event tells

    def state_event(self) -> RightsRequestChanged:
        return RightsRequestChanged(
            id=self.key, resident=self.resident, area=self.area, kind=self.kind, state=self.state, due=self.due
        )

    def _decide(self, by: Principal, person: str, state: str, now: datetime) -> None:
        require_in_area(by, Permission.ANSWER_RIGHTS_REQUESTS, self.area)
        if by.subject in (self.asked_by, person):
            raise OwnMatter()
        self._require_open()
        self.state, self.decided_by, self.decided_at = state, by.subject, now
        self._tell()

    def _require_open(self) -> None:
        if self.state != OPEN:
            raise RequestDecided(state=self.state)

    def _lie_with(self, resident: Resident) -> None:
        self.resident, self.area, self.codes = resident.key, resident.area, codes_of(resident.area)

    def _tell(self) -> None:
        self.emit(self.state_event())
