"""The use cases of users: who is added, and what changes of their sign-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.context import Call
from chassis.errors import Invalid, NotFound
from chassis.messaging.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id, Listed
from chassis.usecases.service import Documents, Sealing
from services.org.access import NotAdministrator, must_administer
from services.org.api.users import (
    ForeignIdentity,
    Kind,
    ListedUser,
    ListUsers,
    NewPassword,
    NewUser,
    PasswordChange,
    SelfRegistration,
)
from services.org.lookups import root_of
from services.org.posts.assignment import Assignment
from services.org.tenants.tenant import Tenant
from services.org.users.passwords import fits_hash, hash_of
from services.org.users.sign_in import must_be_gateway
from services.org.users.user import Identity, IdentityTaken, LoginTaken, SignInFailed, User
from vocabulary.roles import Role


class UserCommands(Sealing):
    documents: Documents = (User, Identity)

    @command
    def add_user(self, call: Call, user: NewUser) -> Answer:
        """An administrator adds a member of staff; the operator adds a tenant's first one."""
        if not call.principal.has(Role.TENANT_ADMIN, Role.OPERATOR):
            raise NotAdministrator
        return self._register(call, "staff", user)

    @command
    def register(self, call: Call, user: SelfRegistration) -> Answer:
        """A resident or courier adds themselves, through the gateway."""
        must_be_gateway(call)
        self.data.of(call).get(Tenant, call.tenant)
        return self._register(call, user.kind, user)

    def _register(self, call: Call, kind: Kind, user: NewUser) -> Answer:
        seal = self.keys.of(call.tenant)
        hashed = hash_of(user.password, user.login)

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
    def change_password(self, call: Call, form: PasswordChange) -> Answer:
        """The caller's own. A wrong `old` counts like a failed sign-in: a stolen session cannot guess it."""
        data = self.data.of(call)
        user = data.get(User, call.principal.subject)
        fits = fits_hash(form.old, user.password)
        hashed = self._new_hash(call, user, form.new)

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
    def reset_password(self, call: Call, user: Id, form: NewPassword) -> Answer:
        """An administrator of the user gives them a new password."""
        data = self.data.of(call)
        owner = self._administered(call, data, user)
        hashed = self._new_hash(call, owner, form.new)
        return _changed(data, owner, lambda user: user.change_password(hashed, call.now))

    def _new_hash(self, call: Call, user: User, new: str) -> str:
        login = self.keys.of(call.tenant).open(user.login, "org.user.login")
        return hash_of(new, login, "new")

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
    def link_identity(self, call: Call, user: Id, form: ForeignIdentity) -> Answer:
        """From now on who signs in at the issuer as `subject` is this user. Roles still come from assignments."""
        if not form.issuer:
            raise Invalid(("issuer", "the issuer's URL", "须为签发方的网址"))
        data = self.data.of(call)
        owner = self._administered(call, data, user)
        identity = Identity.link(call.tenant, form.issuer, form.subject, owner.key)
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
    def list_users(self, call: Call, form: ListUsers) -> Listed[ListedUser]:
        """Users with their names, for administrators of the whole tenant; the reading is audited."""
        data = self.data.of(call)
        if not call.principal.has(Role.TENANT_ADMIN) or not call.principal.covers(root_of(data)):
            raise NotAdministrator
        where = {"kind": form.kind, "_id": {"$gt": f"{call.tenant}:{form.after or ''}"}}
        rows = data.rows(User, where, ["active", "name"], [("_id", 1)], form.limit)
        self.audit.record(call.principal, "org.user.list", [row["key"] for row in rows], "administration")
        names = self.keys.of(call.tenant)
        items = [
            ListedUser(
                subject=row["key"],
                kind=form.kind,
                active=row["active"],
                name=names.open(row["name"], "org.user.name"),
            )
            for row in rows
        ]
        return Listed(items=items, next=rows[-1]["key"] if len(rows) == form.limit else None)

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


def _changed(data: TenantData, user: User, act: Callable[[User], Any]) -> Answer:
    answer: Answer = data.change(User, user.key, lambda user: act(user) or _shown(user))
    return answer


def _shown(user: User) -> Answer:
    return {"subject": user.key, "kind": user.kind, "active": user.active}
