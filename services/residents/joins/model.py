"""Aggregates of the join of a sign-in to the record of its person.

Each side names the other in a document of its own, and a join is in force only while the two agree: so a sign-in has at
most one record and a record at most one sign-in, whatever happens at the same moment or stops half way.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from mongoengine import DateTimeField, IntField, StringField

from chassis.envelope import NOBODY
from chassis.errors import Forbidden, Refused
from chassis.security.principal import Principal
from chassis.usecases.visibility import VisibleToNobody
from services.residents.joins.events import JoinChanged
from services.residents.people.model import Resident

NOT_JOINED, JOINED = "NOT_JOINED", "JOINED"
BY_CODE = "code"
CODE_HOLDS = timedelta(days=14)
#: Wrong names that are given with one code, and wrong tries of one sign-in within a day.
_MOST_TRIES = 5
_DAY = timedelta(days=1)


class RecordJoined(Refused):
    code = "join.record_joined"
    en = "This record is joined to a sign-in already. End that join first, if it is another person's."
    zh = "该档案已关联登录账号；如关联有误，请先解除原关联。"


class SignInJoined(Refused):
    code = "join.sign_in_joined"
    en = "This sign-in is joined to a record already. End that join first, if it is another person's."
    zh = "该登录账号已关联居民档案；如关联有误，请先解除原关联。"


class NotJoined(Refused):
    code = "join.not_joined"
    en = "This record is joined to no sign-in."
    zh = "该档案未关联登录账号。"


class CodeRefused(Refused):
    """One answer for a code that is wrong, used, replaced or too old, a name that does not fit, and too many tries."""

    code = "join.code_refused"
    en = "This code does not open a record. Check code and name, or ask your grid worker for a new code."
    zh = "关联码无效，请核对关联码和姓名，或联系网格员重新发放。"


class OwnMatter(Forbidden):
    code = "join.own_matter"
    en = "Nobody decides in a matter of their own. Ask a colleague."
    zh = "不得办理本人事项，请由其他工作人员办理。"


class Join(VisibleToNobody):
    """The side of the record, with its key. `proof`: the kind of document that a counter saw, or `BY_CODE`.

    `code`: a blind index of the last code that was issued; it stays after its use, so that a repeated request finds it.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "joins"}
    has_natural_key = True
    indexes: ClassVar[list[tuple[str, ...]]] = [("code",)]
    visible_to = NOBODY

    area: str = StringField(required=True)
    state: str = StringField(default=NOT_JOINED)
    subject: str = StringField(default="")
    proof: str = StringField(default="")
    joined_at: datetime | None = DateTimeField()
    joined_by: str = StringField(default="")
    code: str = StringField(default="")
    code_until: datetime | None = DateTimeField()
    code_tries: int = IntField(default=0)
    code_by: str = StringField(default="")

    @classmethod
    def blank(cls, resident: Resident) -> Join:
        return cls(id=cls.identity(resident.tenant, resident.key), tenant=resident.tenant, area=resident.area)

    def make(self, subject: str, proof: str, by: str, area: str, now: datetime) -> None:
        """Joins the sign-in; the code holds no more."""
        if self.state == JOINED and self.subject != subject:
            raise RecordJoined()
        self.code_until = None
        if self.state == JOINED:
            return
        self.state, self.subject, self.proof, self.area = JOINED, subject, proof, area
        self.joined_at, self.joined_by = now, by
        self._tell()

    def issue_code(self, by: Principal, code: str, area: str, now: datetime) -> None:
        """Replaces the code before it. `code`: its blind index."""
        if self.state == JOINED:
            raise RecordJoined()
        self.code, self.code_until, self.code_tries = code, now + CODE_HOLDS, 0
        self.code_by, self.area = by.subject, area

    def redeem(self, subject: str, code: str, fits: bool, area: str, now: datetime) -> bool:
        """Returns whether the code joined the sign-in. `code`: its blind index; `fits`: the name is the record's, which
        may be joined."""
        # Between the search for the code and now, another one may have replaced it.
        if self.state == JOINED or self.code != code or self.code_until is None or self.code_until <= now:
            return False
        if not fits:
            self.code_tries += 1
            if self.code_tries >= _MOST_TRIES:
                self.code_until = None
            return False
        self.make(subject, BY_CODE, self.code_by, area, now)
        return True

    def end(self) -> None:
        if self.state != JOINED:
            raise NotJoined()
        self.state, self.subject, self.proof, self.joined_at, self.joined_by = NOT_JOINED, "", "", None, ""
        self._tell()

    def event_actor(self, actor: str) -> str:
        return ""  # whoever redeems a code is the sign-in, which no event tells

    def event_area(self) -> str:
        return self.area

    def state_event(self) -> JoinChanged:
        return JoinChanged(id=self.key, area=self.area, state=self.state)

    def _tell(self) -> None:
        self.emit(self.state_event())


class SignIn(VisibleToNobody):
    """The side of the sign-in, with the subject as key."""

    meta: ClassVar[dict[str, Any]] = {"collection": "sign_ins"}
    has_natural_key = True

    resident: str = StringField(default="")

    @classmethod
    def blank(cls, tenant: str, subject: str) -> SignIn:
        return cls(id=cls.identity(tenant, subject), tenant=tenant)

    def claim(self, resident: str, joined_to: str) -> None:
        """`joined_to`: the record to which it is joined now.

        Of a record that it names already, that may be one into which it was merged, or was until this moment.
        """
        if self.resident != resident and joined_to not in ("", resident):
            raise SignInJoined()
        self.resident = resident


class Redemptions(VisibleToNobody):
    """The tries of one sign-in to redeem a code, with the subject as key."""

    meta: ClassVar[dict[str, Any]] = {"collection": "redemptions"}
    has_natural_key = True

    since: datetime = DateTimeField(required=True)
    tries: int = IntField(default=0)

    @classmethod
    def blank(cls, tenant: str, subject: str, now: datetime) -> Redemptions:
        return cls(id=cls.identity(tenant, subject), tenant=tenant, since=now)

    def take_one(self, now: datetime) -> bool:
        """Returns whether one more is allowed today, which is counted before anything is compared."""
        if now - self.since >= _DAY:
            self.since, self.tries = now, 0
        self.tries += 1
        return self.tries <= _MOST_TRIES
