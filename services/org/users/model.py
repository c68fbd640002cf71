"""Aggregates of users: accounts with a limit on guessed passwords and token revocation, and linked identities.

Login, name and phone are stored encrypted (sealed); the login is found by its blind index.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from mongoengine import BooleanField, DateTimeField, DictField, IntField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Refused, Unauthenticated
from chassis.ids import derived
from chassis.security.principal import Principal
from chassis.usecases.visibility import Visible, VisibleToNobody
from services.org.api.users import Kind
from services.org.users import failed_sign_ins
from services.org.users.events import UserChanged
from vocabulary.roles import Role


class SignInFailed(Unauthenticated):
    """The same error for every reason, so that it does not reveal which logins exist."""

    code = "sign_in_failed"
    en = (
        "The login or password is wrong, or there were too many attempts; wait a minute, or use a device on which you "
        "have signed in before."
    )
    zh = "账号或密码错误，或尝试次数过多，请一分钟后重试，或在曾经登录过的设备上登录。"


class LoginTaken(Refused):
    code = "user.login_taken"
    en = "This login cannot be used; choose another."
    zh = "该账号名不可用，请更换。"


class IdentityTaken(Refused):
    code = "user.identity_taken"
    en = "This foreign identity is linked to another user; use another one."
    zh = "该外部身份已关联其他用户，请另选。"


class UserDisabled(Refused):
    code = "user.disabled"
    en = "This user is disabled; enable the user first."
    zh = "该用户已停用，请先启用。"


class User(Visible):
    """A user account. `failed`: recent failed sign-ins by source (`failed_sign_ins`).

    `revocations`: how often the tokens were revoked. A token states the count, because its time has whole seconds.
    """

    meta = {"collection": "users"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("kind", "_id")]
    unique: ClassVar[list[tuple[str, ...]]] = [("login_index",)]
    visible_to = ADMINISTRATORS

    kind: str = StringField(required=True)
    login_index: str = StringField(required=True)
    login: str = StringField(required=True)
    name: str = StringField(required=True)
    phone: str = StringField(default="")
    password: str = StringField(required=True)
    failed: dict[str, datetime] = DictField()
    active: bool = BooleanField(default=True)
    tokens_since: datetime = DateTimeField(required=True)
    revocations: int = IntField(default=0)

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
        """Creates a user. `login`, `name` and `phone` are sealed; `password` is a hash."""
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

    def seen_by(self, by: Principal) -> bool:
        """Visible to the user and to those who give out posts; which of them act on the user is a rule of its own."""
        return by.subject == self.key or by.has(Role.TENANT_ADMIN, Role.OPERATOR)

    def sign_in(self, matches: bool, now: datetime, device: str = "") -> bool:
        """Records an attempt and returns whether it succeeded. What may not be tried now is not counted either.

        `matches`: whether the password was right; `device`: a device on which this user signed in before, else "".
        """
        return self._attempt(failed_sign_ins.source_of(self.failed, device, now), matches, now)

    def confirm_password(self, matches: bool, now: datetime) -> bool:
        """As `sign_in`, for the password that somebody who is signed in repeats."""
        return self._attempt(failed_sign_ins.SIGNED_IN, matches, now)

    def _attempt(self, source: str, matches: bool, now: datetime) -> bool:
        if not self.active or not failed_sign_ins.may_try(self.failed, source, now):
            return False
        if matches:
            self.failed = failed_sign_ins.without(self.failed, source)
        else:
            self.failed = failed_sign_ins.with_failure(self.failed, source, now)
        return matches

    def change_password(self, hashed: str, now: datetime) -> None:
        """Sets a new password hash, forgets failures and revokes the tokens issued so far. Raises `UserDisabled`."""
        self.require_active()
        self.password, self.failed = hashed, {}
        self._revoke(now)

    def disable(self, now: datetime) -> None:
        """Revokes the user's tokens. Raises `UserDisabled` if already disabled."""
        self.require_active()
        self.active = False
        self._revoke(now)

    def enable(self) -> None:
        """Enables the user again; tokens issued earlier stay revoked."""
        self.active = True
        self.emit(self.state_event())

    def require_active(self) -> None:
        if not self.active:
            raise UserDisabled()

    def accepts_token(self, issued: float, revocations: int | None) -> bool:
        """Returns whether a token issued at `issued` (Unix seconds) is still valid.

        `revocations`: the count that it states; None for tokens of a foreign issuer or of a release without the count,
        which only the time orders.
        """
        counted = revocations is None or revocations == self.revocations
        return self.active and counted and issued >= self.tokens_since.timestamp()

    def _revoke(self, now: datetime) -> None:
        self.tokens_since, self.revocations = _second(now), self.revocations + 1
        self.emit(self.state_event())

    def state_event(self) -> UserChanged:
        return UserChanged(id=self.key, kind=self.kind, active=self.active, tokens_since=self.tokens_since)


class Identity(VisibleToNobody):
    """The link of a user to a foreign sign-in (OIDC); the key derives from issuer and subject, so each has one user."""

    meta = {"collection": "identities"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("user",)]

    user: str = StringField(required=True)
    issuer: str = StringField(required=True)

    @classmethod
    def key_of(cls, issuer: str, subject: str) -> str:
        """Hashes issuer and subject into the key, because a subject can be an e-mail address."""
        return derived("identity", issuer, subject)

    @classmethod
    def link(cls, tenant: str, issuer: str, subject: str, user: str) -> Identity:
        return cls(id=cls.identity(tenant, cls.key_of(issuer, subject)), tenant=tenant, issuer=issuer, user=user)


def _second(now: datetime) -> datetime:
    """Drops the fraction: a token's `iat` has whole seconds, and one issued in the same second must stay valid."""
    return now.replace(microsecond=0)
