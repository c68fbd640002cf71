"""Base of the entries that put a resident into a category: why, on which basis, from when to when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Self, TypedDict

from mongoengine import DateTimeField, ListField, StringField

from chassis.errors import Refused
from chassis.security.principal import Principal, codes_of
from services.residents.categories.model.term import Term
from services.residents.people.model import LIVING_HERE, Resident
from services.residents.placed import Placed

PROPOSED, APPROVED_ONCE, IN_FORCE = "PROPOSED", "APPROVED_ONCE", "IN_FORCE"
ENDED, EXPIRED, REFUSED = "ENDED", "EXPIRED", "REFUSED"
#: What an entry can still become.
OPEN = (PROPOSED, APPROVED_ONCE, IN_FORCE)
_ZH = {
    PROPOSED: "待审批", APPROVED_ONCE: "待二次审批", IN_FORCE: "有效", ENDED: "已终止", EXPIRED: "已到期",
    REFUSED: "未批准",
}  # fmt: skip


class WrongEntryState(Refused):
    code = "category.wrong_state"
    en = "This entry is {state}, so this step is not possible. If the category applies, make a new entry."
    zh = "该条目当前状态为“{state}”，不能执行此步骤；如仍适用，请重新登记。"
    chinese = {"state": _ZH}


class Given(TypedDict):
    """What an entry says; `name` and `note` are sealed."""

    name: str
    aim: str
    legal_basis: str
    source: str
    note: str


class Entry(Placed):
    """`resident`: whose it is now; `recorded_for`: the record in which it was made, which may be merged by now.

    `name`, `note` and `why` (it was ended) are sealed. `reviewed_at`: when it was last confirmed; the tenant's
    retention counts from then, and nothing is left of the entry after it.
    """

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    resident: str = StringField(required=True)
    recorded_for: str = StringField(required=True)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    name: str = StringField(required=True)
    aim: str = StringField(required=True)
    legal_basis: str = StringField(required=True)
    source: str = StringField(required=True)
    note: str = StringField(default="")
    why: str = StringField(default="")
    valid_until: datetime = DateTimeField(required=True)
    review_at: datetime = DateTimeField(required=True)
    reviewed_at: datetime = DateTimeField(required=True)
    recorded_by: str = StringField(required=True)
    recorded_at: datetime = DateTimeField(required=True)
    next_due_at: datetime | None = DateTimeField()
    state: str = StringField(required=True)

    @classmethod
    def about(
        cls, resident: Resident, key: str, by: Principal, given: Given, term: Term, now: datetime,
        rest: Mapping[str, Any],
    ) -> Self:  # fmt: skip
        """Makes an entry about a resident. `rest`: what its own class has beside."""
        resident.require_living_here()
        entry = cls(
            id=cls.identity(by.tenant, key), tenant=by.tenant, recorded_for=resident.key, recorded_by=by.subject,
            recorded_at=now, reviewed_at=now, **given, **term._asdict(), **rest,
        )  # fmt: skip
        entry._belong_to(resident)
        return entry

    def require(self, *states: str) -> None:
        if self.state not in states:
            raise WrongEntryState(state=self.state)

    def follow(self, resident: Resident) -> None:
        """The person moved, or the record was merged or separated: it lies where they live now, and it is over if they
        live here no more."""
        self._belong_to(resident)
        if self.state in OPEN and resident.state != LIVING_HERE:
            self.state = ENDED

    def _belong_to(self, resident: Resident) -> None:
        self.resident, self.area, self.codes = resident.key, resident.area, codes_of(resident.area)
