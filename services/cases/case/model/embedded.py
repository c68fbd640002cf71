"""Embedded documents of the case aggregate."""

from __future__ import annotations

from datetime import datetime

from mongoengine import (
    BooleanField,
    DateTimeField,
    FloatField,
    IntField,
    ListField,
    StringField,
)

from chassis.persistence.aggregate import Embedded


class Place(Embedded):
    """`path`: the division or grid; `address`: sealed; `cell`: the geohash cell, used to find duplicates nearby.

    `outside`: the point lies far from the place; whoever verifies or registers sees that and corrects one of them.
    """

    path: str = StringField(required=True)
    lon: float | None = FloatField()
    lat: float | None = FloatField()
    cell: str = StringField(default="")
    address: str = StringField(default="")
    on_site: bool = BooleanField(default=True)
    outside: bool = BooleanField(default=False)

    @property
    def can_be_visited(self) -> bool:
        """False for a matter without a site, such as a question."""
        return self.on_site and (self.lon is not None or bool(self.address))


class Party(Embedded):
    """当事人: who reported the case and rates it. `person`: a subject id or a blind index; name and phone are sealed.

    `channel`: how they follow the case: `account`, `phone` or `code`.
    """

    person: str = StringField(required=True)
    channel: str = StringField(default="account")
    name: str = StringField(default="")
    phone: str = StringField(default="")
    confidentiality: str = StringField(default="named")
    answered_at: datetime | None = DateTimeField()
    contacted: bool | None = BooleanField()
    solved: bool | None = BooleanField()
    satisfied: int | None = IntField()
    called_back_at: datetime | None = DateTimeField()

    @property
    def can_be_contacted(self) -> bool:
        """False for whoever left neither account nor phone number, and follows the case by its code."""
        return bool(self.phone) or not self.person.startswith("code:")


class FirstOwner(Embedded):
    """首问责任人: the post and person that took the case first."""

    post: str = StringField(default="")
    person: str = StringField(required=True)
    unit: str = StringField(default="")


class Verification(Embedded):
    at: datetime = DateTimeField(required=True)
    by: str = StringField(default="")
    found: bool = BooleanField(default=True)
    note: str = StringField(default="")
    photos: list[str] = ListField(StringField())


class Rejection(Embedded):
    """What the reporter is told. `go_to`: where to turn instead; it and `note` are sealed."""

    reason: str = StringField(required=True)
    go_to: str = StringField(default="")
    note: str = StringField(default="")


class Clock(Embedded):
    """Timer state of the limit. `limit`, `original`, `used` in seconds of the calendar's `kind` of time.

    `for_rework`: how much of `limit` was added so that the last rework had its least time.
    `since` is None while the clock is stopped; `resumes_at`: when a suspension lets it run again. `fired`: the marks
    (reminder, due, raise) that have passed.
    """

    kind: str = StringField(required=True)
    limit: float = FloatField(required=True)
    original: float = FloatField(required=True)
    used: float = FloatField(default=0.0)
    for_rework: float = FloatField(default=0.0)
    since: datetime | None = DateTimeField()
    stopped_at: datetime | None = DateTimeField()
    resumes_at: datetime | None = DateTimeField()
    reminder_at: datetime | None = DateTimeField()
    raise_at: datetime | None = DateTimeField()
    fired: list[str] = ListField(StringField())


class Breach(Embedded):
    """The first breach of a round: the due moment that passed, and the unit that had the case then.

    `inherited`: the moment was that of a merged case, which started earlier or is more urgent.
    """

    round: int = IntField(required=True)
    at: datetime = DateTimeField(required=True)
    unit: str = StringField(default="")
    inherited: bool = BooleanField(default=False)


class Return(Embedded):
    """退单: a unit returned the case. `entry`: the list entry it relies on; `proposed`: the unit that should lead."""

    unit: str = StringField(required=True)
    unit_kind: str = StringField(default="department")
    unit_path: str = StringField(default="")
    at: datetime = DateTimeField(required=True)
    reason: str = StringField(default="")
    entry: str = StringField(default="")
    proposed: str = StringField(default="")
    note: str = StringField(default="")


class Dispute(Embedded):
    """权属争议. `ruler`: the path of the tier that rules."""

    opened_at: datetime = DateTimeField(required=True)
    units: list[str] = ListField(StringField())
    ruler: str = StringField(required=True)
    ruled_at: datetime | None = DateTimeField()


class UnitCall(Embedded):
    """吹哨: a call to one unit. `state`: CALLED, REPORTED_IN, DISPUTED, NO_SHOW, RELEASED."""

    unit: str = StringField(required=True)
    unit_kind: str = StringField(default="department")
    unit_path: str = StringField(default="")
    state: str = StringField(default="CALLED")
    by: str = StringField(default="")
    by_unit: str = StringField(default="")
    called_at: datetime = DateTimeField(required=True)
    due: datetime = DateTimeField(required=True)
    came_at: datetime | None = DateTimeField()
    late: bool = BooleanField(default=False)
    grade: int | None = IntField()
    reason: str = StringField(default="")


class SubTask(Embedded):
    """`state`: ASSIGNED, ACCEPTED, DONE, RETURNED, WAIVED. `title` is sealed."""

    number: int = IntField(required=True)
    unit: str = StringField(required=True)
    title: str = StringField(default="")
    state: str = StringField(default="ASSIGNED")
    due: datetime | None = DateTimeField()
    handler: str = StringField(default="")
    assigned_at: datetime = DateTimeField(required=True)
    done_at: datetime | None = DateTimeField()
    overdue: bool = BooleanField(default=False)
    reason: str = StringField(default="")
    note: str = StringField(default="")


class Request(Embedded):
    """A request of the lead to the dispatching tier. `kind`: transfer, extension, suspension.

    `state`: ASKED, GRANTED, REFUSED, LAPSED (the case moved on), ENDED (the suspension is over).
    """

    number: int = IntField(required=True)
    kind: str = StringField(required=True)
    state: str = StringField(default="ASKED")
    asked_at: datetime = DateTimeField(required=True)
    asked_by: str = StringField(default="")
    reason: str = StringField(default="")
    note: str = StringField(default="")
    until: datetime | None = DateTimeField()
    to_unit: str = StringField(default="")
    to_kind: str = StringField(default="")
    to_path: str = StringField(default="")
    entry: str = StringField(default="")
    decided_at: datetime | None = DateTimeField()
    decided_by: str = StringField(default="")
    ended_at: datetime | None = DateTimeField()


class Urge(Embedded):
    """催办. `of`, `of_number`: the merged case whose party urged, and its number there; that case knows the person.

    `released`: that case is unmerged, and has its urge back.
    """

    number: int = IntField(required=True)
    person: str = StringField(default="")
    by: str = StringField(default="")
    at: datetime = DateTimeField(required=True)
    due: datetime = DateTimeField(required=True)
    answered_at: datetime | None = DateTimeField()
    overdue: bool = BooleanField(default=False)
    note: str = StringField(default="")
    of: str = StringField(default="")
    of_number: int = IntField(default=0)
    released: bool = BooleanField(default=False)

    @property
    def is_open(self) -> bool:
        return not self.answered_at and not self.released


class Supervision(Embedded):
    """督办. `tier`: the path of the street or centre that supervises; `reasons`: oldest first."""

    number: int = IntField(required=True)
    tier: str = StringField(required=True)
    reasons: list[str] = ListField(StringField())
    opened_at: datetime = DateTimeField(required=True)
    opened_by: str = StringField(default="")
    answered_at: datetime | None = DateTimeField()
    note: str = StringField(default="")
    closed_at: datetime | None = DateTimeField()


class Child(Embedded):
    """A case merged into this one: its own priority and start, and the answers of its parties.

    `sequence`: that of the child's last applied event, so that older events arriving late are ignored. For the same
    reason an unmerged child stays in the list as `released`.
    """

    case: str = StringField(required=True)
    sequence: int = IntField(default=0)
    released: bool = BooleanField(default=False)
    priority: str = StringField(required=True)
    started_at: datetime | None = DateTimeField()
    parties: int = IntField(default=0)
    contactable: bool = BooleanField(default=False)
    answered: int = IntField(default=0)
    unsolved: int = IntField(default=0)
    lowest: int | None = IntField()


class Result(Embedded):
    """The lead's result in one round. Indicators count the first, whatever follows. `due`: what it is measured by."""

    round: int = IntField(required=True)
    lead: str = StringField(default="")
    outcome: str = StringField(required=True)
    resolved_at: datetime = DateTimeField(required=True)
    due: datetime | None = DateTimeField()
    on_time: bool = BooleanField(required=True)
    proof: list[str] = ListField(StringField())
    note: str = StringField(default="")
    passed: bool | None = BooleanField()
    inspected_at: datetime | None = DateTimeField()
    inspected_by: str = StringField(default="")
    inspection: str = StringField(default="")
    inspection_note: str = StringField(default="")
