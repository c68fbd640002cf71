"""Aggregate of assignments: who holds which post, with which duty, where and when (四定), and AB backups (AB岗)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, DictField, ListField, StringField

from chassis.clock import to_milliseconds
from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Forbidden, Invalid, Refused, spoken_fault
from chassis.types import is_blank
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.posts import Absence, Terms
from services.org.posts.events import AssignmentChanged
from services.org.posts.model.post import Post

#: The four required fields of 四定, and the name of each.
FOUR = {"subject": "person", "post": "post", "duty": "duty", "area": "area"}
MOST_ABSENCES = 20
#: Assignments of one person that have not ended.
MOST_ASSIGNMENTS = 50
#: An assignment may start earlier than now, but on the same day: the holder's first post is the oldest one.
BACKDATED = timedelta(days=1)


class Incomplete(Invalid):
    """四定 (定人员、定岗位、定职责、定区域): at least one of the four is missing."""

    code = "assignment.incomplete"
    en = "An assignment needs a person, a post, a duty and an area; these are missing: {missing}."
    zh = "任职须定人员、定岗位、定职责、定区域，请补充：{missing}。"
    chinese = {"missing": {"person": "人员", "post": "岗位", "duty": "职责", "area": "区域"}}

    def __init__(self, missing: list[str]) -> None:
        faults = [(field, "missing", "缺少该项") for field in missing]
        super().__init__(*faults, missing=[FOUR[field] for field in missing])


class OwnAssignment(Forbidden):
    code = "assignment.own"
    en = "You cannot assign yourself to a post; ask another administrator."
    zh = "不得为本人办理任职，请由其他管理员办理。"


class TooManyAssignments(Refused):
    code = "assignment.too_many"
    en = "This person already has {most} assignments that have not ended; end one first."
    zh = "该人员未结束的任职已达 {most} 项，请先结束一项。"


class Ended(Refused):
    code = "assignment.ended"
    en = "This assignment has ended; create a new one."
    zh = "该任职已结束，请新建任职。"


class NoBackup(Refused):
    """AB岗: B cannot stand in for A, for `reason`."""

    code = "assignment.no_backup"
    en = "This assignment cannot be a B post: {reason}."
    zh = "不能作为B岗：{reason}。"
    chinese = {
        "reason": {
            "the assignment it backs up is itself a B post": "所替任职本身是B岗",
            "A and B are the same person": "A岗与B岗为同一人",
            "A has another post or area": "与A岗的岗位或区域不一致",
        }
    }


class AbsenceClash(Refused):
    code = "assignment.absence_clash"
    en = "An absence is already declared for that time, or there are too many; withdraw one first."
    zh = "该时段已登记离岗，或离岗登记已达上限，请先撤回一项。"


class Assignment(VisibleToTenant):
    """An assignment, in force from `valid_from` up to `valid_until`.

    Roles and unit are copied from the post when the assignment is created. `backup_of`: the A assignment that a B
    post stands in for.
    """

    meta = {"collection": "assignments"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("area",),
        ("subject", "_id"),
        ("post", "_id"),
        ("subject", "ended", "valid_from"),
        ("post", "ended", "valid_from"),
    ]
    visible_to = ADMINISTRATORS

    subject: str = StringField(required=True)
    post: str = StringField(required=True)
    duty: str = StringField(required=True)
    area: str = StringField(required=True)
    unit: str = StringField(required=True)
    roles: list[str] = ListField(StringField())
    valid_from: datetime = DateTimeField(required=True)
    valid_until: datetime | None = DateTimeField()
    backup_of: str = StringField(default="")
    absences: list[dict[str, Any]] = ListField(DictField())
    ended: bool = BooleanField(default=False)
    next_due_at: datetime | None = DateTimeField()

    @classmethod
    def give(
        cls,
        tenant: str,
        key: str,
        terms: Terms,
        post: Post,
        *,
        by: str,
        now: datetime,
        held: int = 0,
        primary: Assignment | None = None,
    ) -> Assignment:
        """Creates an assignment. `by`: the subject who assigns; `primary`: the assignment that `terms.backup_of` names.

        `held`: how many assignments of the person have not ended. Raises `Incomplete`, `OwnAssignment`, `Invalid`,
        `PostClosed`, `TooManyAssignments`, `NoBackup`.
        """
        require_four(terms)
        if terms.subject == by:
            raise OwnAssignment()
        post.require_open()
        start = to_milliseconds(terms.valid_from or now)
        _check_terms(terms, post, start, now)
        if held >= MOST_ASSIGNMENTS:
            raise TooManyAssignments(most=MOST_ASSIGNMENTS)
        if primary:
            primary.require_backup_by(terms, now)
        assignment = cls(
            id=cls.identity(tenant, key),
            tenant=tenant,
            subject=terms.subject,
            post=post.key,
            duty=terms.duty,
            area=terms.area,
            unit=post.unit,
            roles=list(post.roles),
            valid_from=start,
            valid_until=to_milliseconds(terms.valid_until) if terms.valid_until else None,
            backup_of=terms.backup_of,
        )
        assignment.emit(assignment.state_event())
        return assignment

    def in_force(self, now: datetime) -> bool:
        return not self.ended and self.valid_from <= now and (self.valid_until is None or now < self.valid_until)

    def absent(self, now: datetime) -> bool:
        return any(absence["start"] <= now < absence["end"] for absence in self.absences)

    def gives_access(self, now: datetime, primary: Assignment | None = None) -> bool:
        """Returns whether its holder may act now. A backup may act only while its primary is in force and absent."""
        if not self.backup_of:
            return self.in_force(now)
        return self.in_force(now) and primary is not None and primary.in_force(now) and primary.absent(now)

    def require_backup_by(self, terms: Terms, now: datetime) -> None:
        """Checks that `terms` make a B post for this assignment. Raises `NoBackup`, `Ended`."""
        if self.backup_of:
            raise NoBackup(reason="the assignment it backs up is itself a B post")
        if self.subject == terms.subject:
            raise NoBackup(reason="A and B are the same person")
        if (self.post, self.area) != (terms.post, terms.area):
            raise NoBackup(reason="A has another post or area")
        self.require_open(now)

    def declare_absence(self, start: datetime, end: datetime, now: datetime) -> None:
        """Adds an absence and drops past ones. Raises `Ended`, `Invalid`, `AbsenceClash`."""
        self.require_open(now)
        start, end = to_milliseconds(start), to_milliseconds(end)
        if end <= max(start, now):
            raise Invalid(("end", "must be after the start and in the future", "须晚于开始时间和当前时间"))
        upcoming = [absence for absence in self.absences if absence["end"] > now]
        if len(upcoming) >= MOST_ABSENCES or any(start < other["end"] and other["start"] < end for other in upcoming):
            raise AbsenceClash()
        self.absences = sorted([*upcoming, {"start": start, "end": end}], key=lambda absence: absence["start"])
        self.emit(self.state_event())

    def withdraw_absence(self, start: datetime, now: datetime) -> None:
        """Removes the absence that begins at `start`. Raises `Invalid` if there is none."""
        start = to_milliseconds(start)
        if not any(absence["start"] == start for absence in self.absences):
            raise Invalid(("start", "no absence starts at this time", "没有自该时间起的离岗登记"))
        self.absences = [absence for absence in self.absences if absence["start"] != start and absence["end"] > now]
        self.emit(self.state_event())

    def move(self, area: str, unit: str) -> None:
        """Moves the assignment to the grid that replaced its own in a grid merge."""
        self.area, self.unit = area, unit
        self.emit(self.state_event())

    def end(self, now: datetime) -> None:
        """Ends the assignment early. Raises `Ended`."""
        self.require_open(now)
        self.valid_until = max(now, self.valid_from)
        self._close()

    def end_when_due(self, now: datetime) -> None:
        """Ends the assignment when its timer fires at `valid_until`; does nothing earlier or a second time."""
        due = self.due_at()
        if due is not None and due <= now:
            self._close()

    def require_open(self, now: datetime) -> None:
        if self.ended or (self.valid_until is not None and self.valid_until <= now):
            raise Ended()

    def _close(self) -> None:
        self.ended = True
        self.emit(self.state_event())

    def due_at(self) -> datetime | None:
        return None if self.ended else self.valid_until

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return [self.unit]

    def state_event(self) -> AssignmentChanged:
        return AssignmentChanged(
            id=self.key,
            subject=self.subject,
            post=self.post,
            unit=self.unit,
            area=self.area,
            roles=list(self.roles),
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            backup_of=self.backup_of,
            absences=[Absence(start=absence["start"], end=absence["end"]) for absence in self.absences],
            ended=self.ended,
        )


def require_four(terms: Terms) -> None:
    """Raises `Incomplete` that names each missing field of the four."""
    missing = [field for field in FOUR if is_blank(getattr(terms, field))]
    if missing:
        raise Incomplete(missing)


def _check_terms(terms: Terms, post: Post, start: datetime, now: datetime) -> None:
    faults: list[Fault] = []
    if not terms.area.startswith(post.area):
        told = "must be in the area of the post, {area:place}", "须在岗位区域（{area:place}）内"
        faults.append(spoken_fault("area", *told, area=post.area))
    if start < now - BACKDATED:
        faults.append(("valid_from", "must not be more than a day ago", "不得早于一天之前"))
    if terms.valid_until is not None and terms.valid_until <= max(start, now):
        faults.append(("valid_until", "must be after the start and in the future", "须晚于开始时间和当前时间"))
    if faults:
        raise Invalid(*faults)
