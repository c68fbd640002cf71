"""Users and their sign-in: argon2, backoff after failures, and tokens that end when access ends.

Login, name and phone are sealed texts here; the login is found by its blind index.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import ClassVar

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from mongoengine import BooleanField, DateTimeField, IntField, StringField

from chassis.errors import Invalid, Refused, Unauthenticated
from chassis.ids import derived
from chassis.messaging.envelope import ADMINISTRATORS
from chassis.persistence.aggregate import Aggregate
from services.org.api.users import SHORTEST_PASSWORD, Kind
from services.org.users.events import UserChanged

FREE_FAILURES = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)

# OWASP's second choice for argon2id: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# What an unknown login is checked against, so that it costs the same as a known one.
_NOBODY = _hasher.hash("nobody has this password")


class SignInFailed(Unauthenticated):
    """One answer for every reason, so that it does not tell which logins exist."""

    code = "sign_in_failed"
    en = "Login or password is wrong, or there were too many attempts; wait up to half an hour before trying again."
    zh = "登录名或密码错误,或尝试次数过多;请稍候(最长半小时)再试。"


class LoginTaken(Refused):
    code = "user.login_taken"
    en = "This login cannot be used; choose another."
    zh = "该登录名不可用,请另选。"


class IdentityTaken(Refused):
    code = "user.identity_taken"
    en = "This foreign identity belongs to another user."
    zh = "该外部身份已关联其他用户。"


class UserDisabled(Refused):
    code = "user.disabled"
    en = "This user is disabled."
    zh = "该用户已停用。"


def hash_password(password: str, login: str, field: str = "password") -> str:
    """Slow on purpose (some 30 ms). Raises `Invalid` (of the `field`) where it is too short or contains the login."""
    if len(password) < SHORTEST_PASSWORD or login.casefold() in password.casefold():
        raise Invalid(
            (
                field,
                f"at least {SHORTEST_PASSWORD} characters, and not with the login in it",
                f"至少 {SHORTEST_PASSWORD} 个字符,且不得含有登录名",
            )
        )
    return _hasher.hash(password)


def password_fits(password: str, hashed: str | None) -> bool:
    """Takes the same time for nobody (`None`) as for somebody."""
    try:
        _hasher.verify(hashed or _NOBODY, password)
    except VerifyMismatchError:
        return False
    return hashed is not None


class User(Aggregate):
    meta = {"collection": "users"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("kind", "_id")]
    unique: ClassVar[list[tuple[str, ...]]] = [("login_index",)]
    visible_to = ADMINISTRATORS

    kind: str = StringField()
    login_index: str = StringField()
    login: str = StringField()
    name: str = StringField()
    phone: str = StringField(default="")
    password: str = StringField()
    failures: int = IntField(default=0)
    locked_until: datetime | None = DateTimeField()
    active: bool = BooleanField(default=True)
    tokens_since: datetime = DateTimeField()

    @classmethod
    def register(
        cls,
        tenant: str,
        key: str,
        kind: Kind,
        *,
        login_index: str,
        login: str,
        name: str,
        phone: str,
        password: str,
        now: datetime,
    ) -> User:
        """`login`, `name` and `phone` are sealed; `password` is hashed."""
        user = cls(
            id=cls.identity(tenant, key),
            tenant=tenant,
            kind=kind,
            login_index=login_index,
            login=login,
            name=name,
            phone=phone,
            password=password,
            tokens_since=_second(now),
        )
        user.emit(user.state_event())
        return user

    def may_try(self, now: datetime) -> bool:
        return self.active and (self.locked_until is None or self.locked_until <= now)

    def sign_in(self, fits: bool, now: datetime) -> bool:
        """Counts a try whose password did or did not fit; True when they are in. While locked nothing is counted."""
        if not self.may_try(now):
            return False
        if fits:
            self.failures, self.locked_until = 0, None
            return True
        self.failures += 1
        if self.failures >= FREE_FAILURES:
            self.locked_until = now + min(FIRST_WAIT * 2 ** min(self.failures - FREE_FAILURES, 10), LONGEST_WAIT)
        return False

    def change_password(self, hashed: str, now: datetime) -> None:
        """Whoever is signed in with the old one is signed out."""
        self.require_active()
        self.password, self.failures, self.locked_until = hashed, 0, None
        self._revoke(now)

    def disable(self, now: datetime) -> None:
        self.require_active()
        self.active = False
        self._revoke(now)

    def enable(self) -> None:
        """Tokens from before stay revoked."""
        self.active = True
        self.emit(self.state_event())

    def require_active(self) -> None:
        if not self.active:
            raise UserDisabled()

    def accepts_token(self, issued: float) -> bool:
        """Whether a token that was issued then (Unix seconds) still opens anything."""
        return self.active and issued >= self.tokens_since.timestamp()

    def _revoke(self, now: datetime) -> None:
        self.tokens_since = _second(now)
        self.emit(self.state_event())

    def state_event(self) -> UserChanged:
        return UserChanged(id=self.key, kind=self.kind, active=self.active, tokens_since=self.tokens_since)


class Identity(Aggregate):
    """A foreign sign-in (OIDC) of a user: one user for each issuer and subject, since they give the key."""

    meta = {"collection": "identities"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("user",)]

    user: str = StringField()
    issuer: str = StringField()

    @classmethod
    def key_of(cls, issuer: str, subject: str) -> str:
        """Derived, because a foreign subject can be an e-mail address."""
        return derived("identity", issuer, subject)

    @classmethod
    def link(cls, tenant: str, issuer: str, subject: str, user: str) -> Identity:
        return cls(id=cls.identity(tenant, cls.key_of(issuer, subject)), tenant=tenant, issuer=issuer, user=user)


def _second(now: datetime) -> datetime:
    """A token's `iat` has whole seconds: one issued in the same second must hold."""
    return now.replace(microsecond=0)
