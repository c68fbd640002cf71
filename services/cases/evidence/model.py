"""Aggregates of evidence: photos and comments, in their own documents to keep the case small.

The gateway writes a photo's bytes to the blob store, on a ticket issued here; the record holds metadata and owner.
Photos that are never attached are removed.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Unpack

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from chassis.envelope import NOBODY
from chassis.errors import Refused
from chassis.security.principal import Principal
from chassis.usecases.visibility import Visible, VisibleToNobody, require_seen
from services.cases.api.evidence import Purpose, Stored, Visibility
from services.cases.case.model.base import Reach
from services.cases.case.model.permissions import require_permission
from services.cases.case.model.related import CaseRelated
from services.cases.case.texts_zh import PHOTO_STATES
from services.cases.evidence import events
from vocabulary.roles import REPORTERS, Permission

#: For this long after it was asked for, a photo can be used.
USABLE_FOR = timedelta(days=1)
#: For this long a step that names a photo keeps it from others. By then its case shows the photo, or it failed.
CLAIMED_FOR = timedelta(minutes=10)
#: An unused photo is removed then: a day later, for the event that attaches it may wait for the broker.
ORPHAN_AFTER = timedelta(days=2)


class PhotoState(StrEnum):
    """PENDING: no bytes yet; STORED: not used yet; ATTACHED: used by a case; REMOVED: bytes to be deleted."""

    PENDING = "PENDING"
    STORED = "STORED"
    ATTACHED = "ATTACHED"
    REMOVED = "REMOVED"


class WrongPhotoState(Refused):
    code = "photo.wrong_state"
    en = "The photo {photo:verbatim} is {state}. Upload it again and use its new id."
    zh = "照片{photo:verbatim}当前状态为“{state}”，请重新上传并使用新的编号。"
    chinese = {"state": PHOTO_STATES}


class PhotoElsewhere(Refused):
    code = "photo.elsewhere"
    en = "The photo {photo:verbatim} belongs to another matter. Upload it again for this one."
    zh = "照片{photo:verbatim}已用于其他事项，请另行上传。"


class Photo(Visible):
    meta: ClassVar[dict[str, Any]] = {"collection": "photos"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("subject",), ("state", "purged")]
    visible_to = NOBODY

    state: str = StringField(default=PhotoState.PENDING)
    owner: str = StringField(required=True)
    purpose: str = StringField(required=True)
    subject: str = StringField(default="")
    asked_at: datetime = DateTimeField(required=True)
    sha256: str = StringField(default="")
    size: int = IntField(default=0)
    width: int = IntField(default=0)
    height: int = IntField(default=0)
    purged: bool = BooleanField(default=False)
    claimed_at: datetime | None = DateTimeField()
    next_due_at: datetime | None = DateTimeField()

    @classmethod
    def ask(cls, key: str, by: Principal, purpose: Purpose, now: datetime) -> Photo:
        require_permission(by, Permission.ADD_PHOTO)
        return cls(id=cls.identity(by.tenant, key), tenant=by.tenant, owner=by.subject, purpose=purpose, asked_at=now)

    def seen_by(self, by: Principal) -> bool:
        """Visible to its owner; once attached, to whoever sees it in its case (`EvidenceCommands.view_photo`)."""
        return by.subject == self.owner

    def store(self, by: Principal, stored: Stored) -> None:
        require_seen(self.seen_by(by))
        self._require(PhotoState.PENDING)
        for name in Stored.__struct_fields__:
            setattr(self, name, getattr(stored, name))
        self.state = PhotoState.STORED

    def require_usable_by(self, by: Principal, now: datetime) -> None:
        """Raises unless the photo is stored, the caller's own, not attached yet, and at most a day old."""
        require_seen(self.seen_by(by))
        if now >= self.asked_at + USABLE_FOR:
            raise WrongPhotoState(photo=self.key, state=PhotoState.REMOVED)
        if self.state == PhotoState.ATTACHED:
            raise PhotoElsewhere(photo=self.key)
        self._require(PhotoState.STORED)

    def claim(self, by: Principal, subject: str, now: datetime) -> None:
        """Keeps the photo for a case until the case's event attaches it. Raises `PhotoElsewhere` if another has it."""
        self.require_usable_by(by, now)
        claimed = self.claimed_at is not None and now < self.claimed_at + CLAIMED_FOR
        if claimed and self.subject != subject:
            raise PhotoElsewhere(photo=self.key)
        self.subject, self.claimed_at = subject, now

    def attach(self, subject: str) -> None:
        """Attaches the photo to a case; idempotent. Raises `PhotoElsewhere` if another one has it."""
        if self.state == PhotoState.ATTACHED and self.subject == subject:
            return
        if self.state == PhotoState.ATTACHED:
            raise PhotoElsewhere(photo=self.key)
        self._require(PhotoState.STORED)
        self.state, self.subject = PhotoState.ATTACHED, subject
        self.emit(events.PhotoAttached(subject=subject, purpose=self.purpose))

    def remove(self, reason: str) -> None:
        """`reason`: orphan, withdrawn or erased. The record stays as a tombstone; the bytes are deleted later."""
        if self.state == PhotoState.REMOVED:
            return
        self.state = PhotoState.REMOVED
        self.emit(events.PhotoRemoved(subject=self.subject, reason=reason))

    def sweep(self, known_until: datetime, shown: bool) -> None:
        """Removes an unused photo that is too old. `known_until`: later events, which may attach it, are not known.

        `shown`: its case shows it, so it is attached now; the event that does so is late, or parked.
        """
        due = self.due_at()
        if due is None or due > known_until:
            return
        if shown:
            self.attach(self.subject)
        else:
            self.remove("orphan")

    def note_purged(self) -> None:
        self._require(PhotoState.REMOVED)
        self.purged = True

    def due_at(self) -> datetime | None:
        if self.state in (PhotoState.PENDING, PhotoState.STORED):
            return self.asked_at + ORPHAN_AFTER
        return None

    def _require(self, state: PhotoState) -> None:
        if self.state != state:
            raise WrongPhotoState(photo=self.key, state=self.state)


class Comment(CaseRelated, VisibleToNobody):
    """Aggregate: a comment on a case. `text` is sealed. `visibility`: staff, or parties (the reporter reads it too).

    `hidden`: the author is a confidential reporter. Nobody looks comments up; they are shown with their case.
    """

    meta: ClassVar[dict[str, Any]] = {"collection": "comments"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("case", "-at", "-_id")]

    author: str = StringField(required=True)
    hidden: bool = BooleanField(default=False)
    unit: str = StringField(default="")
    visibility: str = StringField(default="staff")
    text: str = StringField(required=True)
    at: datetime = DateTimeField(required=True)

    @classmethod
    def write(
        cls, key: str, by: Principal, *, visibility: Visibility, text: str, now: datetime, hidden: bool = False,
        **reach: Unpack[Reach],
    ) -> Comment:  # fmt: skip
        comment = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, text=text, at=now, **reach)
        comment.author, comment.hidden, comment.unit = by.subject, hidden, by.unit
        # A party can always read its own comment.
        comment.visibility = "parties" if by.has(*REPORTERS) else visibility
        comment.emit(events.CommentAdded(case=comment.case, visibility=comment.visibility))
        return comment

    def event_actor(self, actor: str) -> str:
        return "" if self.hidden and actor == self.author else actor
