"""Aggregate of a submission: what a phone sent, kept until it is written back or a person decides that it is not.

Its key is made from the id that the phone gave it, so that one that is sent again is the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from mongoengine import DateTimeField, IntField, ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Refused
from chassis.ids import derived
from chassis.security.principal import Principal, codes_of
from services.residents.placed import Placed
from services.residents.submissions.events import SubmissionChanged
from services.residents.submissions.reading import Read
from services.residents.tasks.model import FormTask
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

RECEIVED, HELD, CONTESTED, APPLIED, DROPPED = "RECEIVED", "HELD", "CONTESTED", "APPLIED", "DROPPED"
#: After so long nobody waits any more for the submission that this one was made after.
_LONGEST_HELD = timedelta(days=5)
BASE_MISSING = "submission.base_missing"


class InstanceChanged(Refused):
    code = "submission.instance_changed"
    en = "Another submission with this instanceID was received before. Fill in the form again and send that one."
    zh = "此前已收到相同 instanceID 但内容不同的填报，请重新填写后再提交。"


class NothingContested(Refused):
    """`state`: of the submission."""

    code = "submission.nothing_contested"
    en = "This submission is {state}, so there is nothing to decide."
    zh = "该填报{state}，无需裁定。"
    chinese = {
        "state": {
            RECEIVED: "正在写入", HELD: "正在等待前一次填报", APPLIED: "已写入", DROPPED: "已弃用",
            CONTESTED: "存在冲突",
        }
    }  # fmt: skip
    english = {
        "state": {
            RECEIVED: "not written back yet", HELD: "held until an earlier one comes", APPLIED: "written back already",
            DROPPED: "dropped already", CONTESTED: "contested",
        }
    }  # fmt: skip


class HeldChanged(Refused):
    """`held_version`: the version that it has now."""

    code = "submission.held_changed"
    en = "What is held has changed since you looked . Look at both again, then decide."
    zh = "您查看后登记内容又有变化，请重新对比后再裁定。"


class Submission(Placed):
    """`values`: by field, sealed as one text, until it is over. `base`, `trunk`, `branch`: see `Read`; `applied`: the
    version it became; `decided_on`: the version that somebody compared it with.

    `contested`: the fields that have another value since; `reason`: the code of what else was in the way; `by`: whose
    answer it is, in the end of who decided.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "submissions"}
    has_natural_key = True
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "state", "_id"), ("branch", "base"), ("task",), ("next_due_at",)
    ]  # fmt: skip
    visible_to = STAFF

    digest: str = StringField(required=True)
    task: str = StringField(required=True)
    subject: str = StringField(required=True)
    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    by: str = StringField(required=True)
    received_at: datetime = DateTimeField(required=True)
    state: str = StringField(default=RECEIVED)
    values: str = StringField(default="")
    base: int = IntField(required=True)
    trunk: int | None = IntField()
    branch: str = StringField(default="")
    applied: int = IntField(default=0)
    decided_on: int | None = IntField()
    contested: list[str] = ListField(StringField())
    reason: str = StringField(default="")
    next_due_at: datetime | None = DateTimeField()

    @classmethod
    def receive(cls, by: Principal, read: Read, task: FormTask, values: str, now: datetime) -> Submission:
        """`values`: sealed."""
        require_in_area(by, Permission.KEEP_RESIDENTS, task.area)
        made = cls(
            id=cls.identity(by.tenant, key_of(read.instance)), tenant=by.tenant, digest=read.digest, task=task.key,
            subject=read.subject, area=task.area, codes=codes_of(task.area), by=by.subject, received_at=now,
            values=values, base=read.base, trunk=read.trunk, branch=read.branch,
        )  # fmt: skip
        made._tell()
        return made

    @property
    def is_pending(self) -> bool:
        return self.state in (RECEIVED, HELD)

    @property
    def follows(self) -> bool:
        """Whether the phone made it after another one of the same branch, and nobody has decided on it."""
        return self.decided_on is None and self.trunk is not None and self.base > self.trunk

    def require_same(self, digest: str) -> None:
        if self.digest != digest:
            raise InstanceChanged()

    def hold(self) -> None:
        """The one that it was made after is not written back yet."""
        if self.state == RECEIVED:
            self._become(HELD)

    def release(self) -> None:
        if self.state == HELD:
            self._become(RECEIVED)

    def contest(self, fields: Iterable[str], reason: str) -> None:
        if self.is_pending:
            self.contested, self.reason = sorted(fields), reason
            self._become(CONTESTED)

    def apply(self, version: int) -> None:
        if self.is_pending:
            self._end(APPLIED, version)

    def require_decidable(self, by: Principal) -> None:
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        if self.state != CONTESTED:
            raise NothingContested(state=self.state)

    def decide(self, by: Principal, values: str, version: int) -> None:
        """`values`: what of it is written back now, sealed; `version`: that what is held has."""
        self.require_decidable(by)
        self.values, self.decided_on, self.by = values, version, by.subject
        self.contested, self.reason = [], ""
        self._become(RECEIVED)

    def drop(self, by: Principal, version: int) -> None:
        self.require_decidable(by)
        self.by = by.subject
        self._end(DROPPED, version)

    def tick(self, now: datetime) -> None:
        due = self.due_at()
        if due and due <= now:
            self.contest([], BASE_MISSING)

    def due_at(self) -> datetime | None:
        return self.received_at + _LONGEST_HELD if self.state == HELD else None

    def follow(self, area: str) -> None:
        """The grid of its task was merged into another."""
        self.area, self.codes = area, codes_of(area)

    def state_event(self) -> SubmissionChanged:
        return SubmissionChanged(task=self.task, area=self.area, state=self.state)

    def _end(self, state: str, version: int) -> None:
        """What was answered is not kept a second time."""
        self.applied, self.values = version, ""
        self._become(state)

    def _become(self, state: str) -> None:
        self.state = state
        self._tell()

    def _tell(self) -> None:
        self.emit(self.state_event())


def key_of(instance: str) -> str:
    return derived("submission", instance)
