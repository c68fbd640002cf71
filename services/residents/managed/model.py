"""Aggregate of an entry of statutory management (法定管理, 管理型).

Two people of the street approve what a community proposes; it always has an end. It is in no event, and in nothing
that others read: see docs/decisions/0037-managed-categories.md.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, EmbeddedDocumentListField, StringField

from chassis.envelope import Event
from chassis.errors import Forbidden
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal
from services.residents.categories.model.entry import (
    APPROVED_ONCE,
    ENDED,
    EXPIRED,
    IN_FORCE,
    OPEN,
    PROPOSED,
    REFUSED,
    Entry,
    Given,
)
from services.residents.categories.model.term import Term
from services.residents.people.model import Resident
from vocabulary.access import require_in_area
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission, Purpose


class NotApartEnough(Forbidden):
    code = "managed.same_person"
    en = "Two people approve who did neither propose it nor approve it before. Ask a colleague of the street."
    zh = "须由提请人以外的两人分别审批，请由街道其他工作人员审批。"


class Approval(Embedded):
    by: str = StringField(required=True)
    at: datetime = DateTimeField(required=True)


class ManagedEntry(Entry):
    """`valid_from`: of the second approval. `statute`: the one that the tenant named when it was proposed."""

    meta: ClassVar[dict[str, Any]] = {"collection": "managed_entries"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("codes", "_id"), ("resident", "_id"), ("recorded_for",), ("reviewed_at",), ("recorded_at",),
    ]  # fmt: skip

    statute: str = StringField(required=True)
    valid_from: datetime | None = DateTimeField()
    approvals: list[Approval] = EmbeddedDocumentListField(Approval)

    @classmethod
    def propose(
        cls, by: Principal, key: str, resident: Resident, given: Given, statute: str, term: Term, now: datetime
    ) -> ManagedEntry:
        require_in_area(by, Permission.PROPOSE_MANAGED, resident.area)
        return cls.about(resident, key, by, given, term, now, {"statute": statute, "state": PROPOSED})

    def approve(self, by: Principal, now: datetime) -> None:
        require_in_area(by, Permission.APPROVE_MANAGED, self.area)
        self.expire(now)
        self.require(PROPOSED, APPROVED_ONCE)
        if by.subject in (self.recorded_by, *(each.by for each in self.approvals)):
            raise NotApartEnough()
        self.approvals.append(Approval(by=by.subject, at=now))
        if self.state == APPROVED_ONCE:
            self.valid_from = now
        self.state = APPROVED_ONCE if self.state == PROPOSED else IN_FORCE

    def refuse(self, by: Principal, why: str) -> None:
        """`why` is sealed."""
        require_in_area(by, Permission.APPROVE_MANAGED, self.area)
        self.require(PROPOSED, APPROVED_ONCE)
        self.state, self.why = REFUSED, why

    def end(self, by: Principal, why: str) -> None:
        """Withdraws a proposal, or ends what is in force. `why` is sealed."""
        require_in_area(by, Permission.READ_MANAGED, self.area)
        self.require(*OPEN)
        self.state, self.why = ENDED, why

    def review(self, by: Principal, review_at: datetime | None, now: datetime) -> None:
        """It still holds, until the end that was approved."""
        require_in_area(by, Permission.APPROVE_MANAGED, self.area)
        self.expire(now)
        self.require(IN_FORCE)
        self.review_at, self.reviewed_at = Term.of(now, self.valid_until, None, review_at).review_at, now

    def expire(self, now: datetime) -> bool:
        """Returns whether it is over now: it ends by itself, also if nobody reviews it in time."""
        over = self.state in OPEN and self.review_at <= now
        if over:
            self.state = EXPIRED
        return over

    def due_at(self) -> datetime | None:
        return self.review_at if self.state in OPEN else None

    def emit(self, event: Event) -> None:
        """Raises: no event may carry it, not even its id."""
        raise AssertionError(f"{event.type} of an entry that is in no event")

    def seen_by(self, by: Principal) -> bool:
        return Purpose.MANAGED in by.purposes and may(by, Permission.READ_MANAGED, Resource(area=self.area))
