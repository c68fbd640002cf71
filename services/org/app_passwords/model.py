"""Aggregate of an app password (应用专用密码): it ends by itself, with the post, or when its person's tokens end.

It exists for its person alone; nobody is told of it.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any, ClassVar

from mongoengine import BooleanField, DateTimeField, IntField, StringField

from chassis.errors import Refused
from chassis.security.principal import Principal
from chassis.usecases.visibility import Visible
from vocabulary.access import require_role
from vocabulary.roles import Permission

#: In use at a time; somebody who has more devices does not work in a grid.
MOST = 10


class TooManyAppPasswords(Refused):
    """`most`: that a person may have."""

    code = "app_password.too_many"
    en = "You have {most} app passwords in use. End one that you do not need any more, and repeat."
    zh = "您已有 {most} 个在用的应用专用密码，请先停用不再需要的，再重新操作。"


class AppPassword(Visible):
    """`digest`: of the password, which is stored nowhere; `device_name`: sealed; `revocations`: of its person."""

    meta: ClassVar[dict[str, Any]] = {"collection": "app_passwords"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("user", "ended", "_id")]

    user: str = StringField(required=True)
    post: str = StringField(default="")
    device_name: str = StringField(required=True)
    digest: str = StringField(required=True)
    made_at: datetime = DateTimeField(required=True)
    ends_at: datetime = DateTimeField(required=True)
    ended: bool = BooleanField(default=False)
    revocations: int = IntField(default=0)

    @classmethod
    def make(
        cls, by: Principal, key: str, device_name: str, password: str, days: int, revocations: int, now: datetime
    ) -> AppPassword:
        """`device_name`: sealed; `revocations`: the person's, so that it ends with their other tokens."""
        require_role(by, Permission.USE_FORMS_APP)
        return cls(
            id=cls.identity(by.tenant, key), tenant=by.tenant, user=by.subject, post=by.post, device_name=device_name,
            digest=digest_of(password), made_at=now, ends_at=now + timedelta(days=days), revocations=revocations,
        )  # fmt: skip

    def end(self, by: Principal) -> None:
        """Ends it, also a second time."""
        require_role(by, Permission.USE_FORMS_APP)
        self.ended = True

    def opens_with(self, digest: str, now: datetime) -> bool:
        return not self.ended and now < self.ends_at and hmac.compare_digest(self.digest, digest)

    def seen_by(self, by: Principal) -> bool:
        return by.subject == self.user


def digest_of(password: str) -> str:
    """A fast hash is enough: the password is 128 random bits, which nobody guesses."""
    return hashlib.sha256(password.encode()).hexdigest()
