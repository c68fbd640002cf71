"""Use cases of users: registration, sign-in, and the principals that their assignments make of them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any

import eventlet
import msgspec
from eventlet import tpool
from prometheus_client import Histogram

from chassis.context import Call, Context
from chassis.errors import Forbidden, Invalid, NotFound, Unauthenticated
from chassis.messaging.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import system
from chassis.types import NOT_BLANK
from chassis.usecases.records import found
from chassis.usecases.service import Documents, Sealing
from services.org.access import NotAdministrator, must_administer
from services.org.divisions.lookups import root_of
from services.org.pages import After, Limit, Listed
from services.org.posts.assignment import Assignment
from services.org.records import Answer, Id
from services.org.tenants.tenant import Tenant
from services.org.users.principals import Standing, standings
from services.org.users.user import (
    Identity,
    IdentityTaken,
    Kind,
    LoginTaken,
    SelfRegistered,
    SignInFailed,
    User,
    hash_password,
    password_fits,
)
from vocabulary.roles import Role

#: Seconds that a refused sign-in takes at least, so that its time does not tell which step refused it.
REFUSAL_SECONDS = 0.25

#: Each is one of argon2, of an unknown login as of a known one.
password_checks = Histogram("linli_password_check_seconds", "Time to check a password.")

Login = Annotated[str, msgspec.Meta(min_length=3, max_length=64, pattern=r"^\S+$")]
Password = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
Name = Annotated[str, msgspec.Meta(pattern=NOT_BLANK, max_length=40)]
Phone = Annotated[str, msgspec.Meta(max_length=20, pattern=r"^[0-9+ -]*$")]


class NotTheGateway(Forbidden):
    code = "user.not_the_gateway"
    en = "Only the gateway asks this."
    zh = "仅限网关调用。"


class Registration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new user. `login` never changes; it is found whatever its case and spaces."""

    login: Login
    password: Password
    name: Name
    phone: Phone = ""


class SignIn(Sealing):
    """Users and who they are."""

    documents: Documents = (User, Identity)

    @command
    def add_user(self, call: Call, user: Registration) -> Answer:
        """An administrator adds a member of staff; the operator adds a tenant's first one."""
        if not call.principal.has(Role.TENANT_ADMIN, Role.OPERATOR):
            raise NotAdministrator
        return self._register(call, "staff", user)

    @command
    def register(self, call: Call, user: Registration, kind: SelfRegistered = "resident") -> Answer:
        """A resident or courier adds themselves, through the gateway."""
        _must_be_gateway(call)
        self.data.of(call).get(Tenant, call.tenant)
        return self._register(call, kind, user)

    def _register(self, call: Call, kind: Kind, user: Registration) -> Answer:
        seal = self.keys.of(call.tenant)
        hashed = tpool.execute(hash_password, user.password, user.login)

        def build(key: str) -> User:
            return User.register(
                call.tenant,
                key,
                kind,
                login_index=seal.blind(user.login, "login"),
                login=seal.seal(user.login, "org.user.login"),
                name=seal.seal(user.name, "org.user.name"),
                phone=seal.seal(user.phone, "org.user.phone"),
                password=hashed,
                now=call.now,
            )

        try:
            made: Answer = self.data.of(call).create(User, build, lambda made: {"subject": made.key})
        except NotFound:
            # Neither stored nor there before under its own key: another user has the login.
            raise LoginTaken from None
        return made

    @command
    def sign_in(self, call: Call, login: Login, password: Password) -> Answer:
        """`{subject, standings}`; raises `SignInFailed` whatever the reason, after the same time."""
        _must_be_gateway(call)
        started = time.monotonic()
        data = self.data.of(call)
        user = self._by_login(data, call, login)
        fits = _fits(password, user.password if user else None)
        if user is None or not data.change(User, user.key, lambda user: user.sign_in(fits, call.now)):
            self.audit.record(call.principal, "org.sign_in.failed", [user.key] if user else [], "")
            eventlet.sleep(max(0.0, REFUSAL_SECONDS - (time.monotonic() - started)))
            raise SignInFailed
        self.audit.record(call.principal, "org.sign_in.done", [user.key], "")
        return {"subject": user.key, "standings": standings(data, user)}

    def _by_login(self, data: TenantData, context: Context, login: str) -> User | None:
        if found(data, Tenant, context.tenant) is None:
            return None
        index = self.keys.of(context.tenant).blind(login, "login")
        return next(iter(data.find(User, {"login_index": index}, limit=1)), None)

    @query
    def principal_of(self, call: Call, issuer: str, subject: str, issued: float, post: str = "") -> Standing:
        """Who a token makes them: at `post`, or at the first of their standings where it names none.

        `issuer` is empty for our own tokens, whose subject is the user; a foreign one needs a linked identity.
        `issued`: Unix seconds of the token. Raises `Unauthenticated` for a user or post that it no longer opens.
        """
        _must_be_gateway(call)
        data = self.data.of(call)
        user = _known(data, issuer, subject)
        if not user.accepts_token(issued):
            raise Unauthenticated
        for standing in standings(data, user):
            if post in ("", standing.post):
                return standing
        raise Unauthenticated

    @query
    def my_standings(self, call: Call) -> list[Standing]:
        """What the caller may choose from."""
        data = self.data.of(call)
        return standings(data, data.get(User, call.principal.subject))

    @command
    def change_password(self, call: Call, old: Password, new: Password) -> Answer:
        """The caller's own. A wrong `old` counts like a failed sign-in: a stolen session cannot guess it."""
        data = self.data.of(call)
        user = data.get(User, call.principal.subject)
        fits = _fits(old, user.password)
        hashed = self._new_hash(call, user, new)

        def act(user: User) -> Answer | None:
            if not user.sign_in(fits, call.now):
                return None
            user.change_password(hashed, call.now)
            return _shown(user)

        answer: Answer | None = data.change(User, user.key, act)
        if answer is None:
            raise SignInFailed
        return answer

    @command
    def reset_password(self, call: Call, user: Id, new: Password) -> Answer:
        """An administrator of the user gives them a new password."""
        data = self.data.of(call)
        owner = self._administered(call, data, user)
        hashed = self._new_hash(call, owner, new)
        return _changed(data, owner, lambda user: user.change_password(hashed, call.now))

    def _new_hash(self, call: Call, user: User, new: str) -> str:
        login = self.keys.of(call.tenant).open(user.login, "org.user.login")
        hashed: str = tpool.execute(hash_password, new, login, "new")
        return hashed

    @command
    def disable_user(self, call: Call, user: Id) -> Answer:
        """Their tokens end within a minute."""
        data = self.data.of(call)
        return _changed(data, self._administered(call, data, user), lambda user: user.disable(call.now))

    @command
    def enable_user(self, call: Call, user: Id) -> Answer:
        data = self.data.of(call)
        return _changed(data, self._administered(call, data, user), User.enable)

    @command
    def link_identity(self, call: Call, user: Id, issuer: str, subject: str) -> Answer:
        """From now on who signs in at the issuer as `subject` is this user. Roles still come from assignments."""
        if not issuer:
            raise Invalid(("issuer", "the issuer's URL", "须为签发方的网址"))
        data = self.data.of(call)
        owner = self._administered(call, data, user)
        identity = Identity.link(call.tenant, issuer, subject, owner.key)
        if not data.add(identity) and data.get(Identity, identity.key).user != owner.key:
            raise IdentityTaken
        return {"subject": owner.key}

    @query
    def get_user(self, call: Call, user: Id) -> Answer:
        """Name, login and phone in clear, for themselves or an administrator of theirs; the reading is audited."""
        data = self.data.of(call)
        own = user == call.principal.subject
        read = data.get(User, user) if own else self._administered(call, data, user)
        self.audit.record(call.principal, "org.user.read", [read.key], "administration")
        seal = self.keys.of(call.tenant)
        clear = {field: seal.open(getattr(read, field), f"org.user.{field}") for field in ("login", "name", "phone")}
        return {**_shown(read), **clear}

    @query
    def list_users(self, call: Call, kind: Kind = "staff", limit: Limit = 50, after: After = "") -> Listed:
        """Users with their names, for administrators of the whole tenant; the reading is audited."""
        data = self.data.of(call)
        if not call.principal.has(Role.TENANT_ADMIN) or not call.principal.covers(root_of(data)):
            raise NotAdministrator
        where = {"kind": kind, "_id": {"$gt": f"{call.tenant}:{after}"}}
        rows = data.rows(User, where, ["active", "name"], [("_id", 1)], limit)
        self.audit.record(call.principal, "org.user.list", [row["key"] for row in rows], "administration")
        names = self.keys.of(call.tenant)
        items = [
            {
                "subject": row["key"],
                "kind": kind,
                "active": row["active"],
                "name": names.open(row["name"], "org.user.name"),
            }
            for row in rows
        ]
        return Listed(items=items, next=rows[-1]["key"] if len(rows) == limit else None)

    def _administered(self, call: Call, data: TenantData, key: str) -> User:
        """The user, for an administrator whose area covers every post that they hold: nobody takes over a superior.

        Residents, couriers and staff without a post belong to no part of the tenant: theirs is who administers it all.
        """
        if not call.principal.has(Role.TENANT_ADMIN):
            raise NotAdministrator
        user = data.get(User, key)
        held = data.aggregate(Assignment, {"subject": key, "ended": False}, [{"$group": {"_id": "$area"}}])
        areas = {row["_id"] for row in held}
        # A post alone does not hand a resident's account to who gave it: whoever may assign could take it over.
        if not areas or user.kind != "staff":
            areas.add(root_of(data))
        for area in areas:
            must_administer(call.principal, area)
        return user


def _fits(password: str, hashed: str | None) -> bool:
    """Beside the other calls, since it is slow on purpose."""
    with password_checks.time():
        return bool(tpool.execute(password_fits, password, hashed))


def _must_be_gateway(call: Call) -> None:
    if call.principal.subject != system(call.tenant, "gateway").subject:
        raise NotTheGateway


def _known(data: TenantData, issuer: str, subject: str) -> User:
    try:
        owner = data.get(Identity, Identity.key_of(issuer, subject)).user if issuer else subject
        return data.get(User, owner)
    except NotFound:
        raise Unauthenticated from None


def _changed(data: TenantData, user: User, act: Callable[[User], Any]) -> Answer:
    answer: Answer = data.change(User, user.key, lambda user: act(user) or _shown(user))
    return answer


def _shown(user: User) -> Answer:
    return {"subject": user.key, "kind": user.kind, "active": user.active}
