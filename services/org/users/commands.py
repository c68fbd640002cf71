"""Commands and queries of users: registration, passwords, access and foreign identities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid, NotFound
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id, Listed
from chassis.usecases.service import Documents, SealingUseCases
from services.org.administrators import (
    NotAdministrator,
    require_administrator,
    require_administrator_of_all,
    require_administrators_role,
)
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
from services.org.last_administrator import administrator_remains
from services.org.lookups import root_of
from services.org.posts.model.assignment import Assignment
from services.org.tenants.model.tenant import Tenant
from services.org.users.gateway_only import require_gateway
from services.org.users.model import Identity, IdentityTaken, LoginTaken, SignInFailed, User
from services.org.users.passwords import hash_in_thread, verify_in_thread
from vocabulary.roles import Role


class UserCommands(SealingUseCases):
    """Commands and queries of users and their foreign identities."""

    documents: Documents = (User, Identity)

    @command
    def add_user(self, call: Call, user: NewUser) -> Answer:
        """Adds a member of staff: an administrator may, and the operator for a tenant's first user."""
        if not call.principal.has(Role.TENANT_ADMIN, Role.OPERATOR):
            raise NotAdministrator
        return self._register(call, "staff", user)

    @command
    def register(self, call: Call, user: SelfRegistration) -> Answer:
        """Registers a resident or courier who signs up through the gateway."""
        require_gateway(call)
        self.data.of(call).get(Tenant, call.tenant)
        return self._register(call, user.kind, user)

    def _register(self, call: Call, kind: Kind, user: NewUser) -> Answer:
        seal = self.keys.of(call.tenant)
        hashed = hash_in_thread(user.password, user.login)

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
            created: Answer = self.data.of(call).create(User, build, lambda user: {"id": user.key})
        except NotFound:
            # The insert failed and no user has this key, so another user has the login.
            raise LoginTaken from None
        return created

    @command
    def change_password(self, call: Call, form: PasswordChange) -> Answer:
        """Changes the caller's own password.

        A wrong `old` is counted, so that a stolen session cannot guess it. Raises `SignInFailed`.
        """
        data = self.data.of(call)
        user = data.get(User, call.principal.subject)
        checked = user.password
        matches = verify_in_thread(form.old, checked)
        hashed = self._new_hash(call, user, form.new)

        def act(user: User) -> Answer | None:
            if not user.confirm_password(matches and user.password == checked, call.now):
                return None
            user.change_password(hashed, call.now)
            return _status_of(user)

        answer: Answer | None = data.change(User, user.key, act)
        if answer is None:
            raise SignInFailed
        return answer

    @command
    def reset_password(self, call: Call, user: Id, form: NewPassword) -> Answer:
        """Sets a new password for a user; for an administrator of that user."""
        data = self.data.of(call)
        owner = self._administered_user(call, data, user)
        hashed = self._new_hash(call, owner, form.new)
        return _change(data, owner, lambda user: user.change_password(hashed, call.now))

    def _new_hash(self, call: Call, user: User, new: str) -> str:
        login = self.keys.of(call.tenant).open(user.login, "org.user.login")
        return hash_in_thread(new, login, "new")

    @command
    def disable_user(self, call: Call, user: Id) -> Answer:
        """Disables a user, and revokes their tokens. Raises `LastAdministrator`."""
        data = self.data.of(call)
        owner = self._administered_user(call, data, user)
        with administrator_remains(self.data, call, without_user=owner.key):
            return _change(data, owner, lambda user: user.disable(call.now))

    @command
    def enable_user(self, call: Call, user: Id) -> Answer:
        data = self.data.of(call)
        return _change(data, self._administered_user(call, data, user), User.enable)

    @command
    def link_identity(self, call: Call, user: Id, form: ForeignIdentity) -> Answer:
        """Links an external sign-in: whoever the issuer knows as `subject` is this user; roles come from assignments.

        Raises `IdentityTaken` if another user has the identity.
        """
        data = self.data.of(call)
        owner = self._administered_user(call, data, user)
        if not form.issuer:
            raise Invalid(("issuer", "must be the issuer's URL", "须为签发方的网址"))
        identity = Identity.link(call.tenant, form.issuer, form.subject, owner.key)
        if not data.add(identity) and data.get(Identity, identity.key).user != owner.key:
            raise IdentityTaken
        return {"id": owner.key}

    @query
    def get_user(self, call: Call, user: Id) -> Answer:
        """Returns a user with decrypted name, login and phone, to that user or an administrator; access is audited."""
        data = self.data.of(call)
        is_own = user == call.principal.subject
        record = data.get(User, user) if is_own else self._administered_user(call, data, user)
        self.audit.record(call.principal, "org.user.read", [record.key], "administration")
        seal = self.keys.of(call.tenant)
        decrypted = {
            field: seal.open(getattr(record, field), f"org.user.{field}") for field in ("login", "name", "phone")
        }
        return {**_status_of(record), **decrypted}

    @query
    def list_users(self, call: Call, form: ListUsers) -> Listed[ListedUser]:
        """Lists users with their names, for administrators of the whole tenant; access is audited."""
        data = self.data.of(call)
        require_administrator_of_all(call.principal, root_of(data))
        where = {"kind": form.kind, "_id": {"$gt": f"{call.tenant}:{form.after or ''}"}}
        rows = data.rows(User, where, ["active", "name"], [("_id", 1)], form.limit)
        self.audit.record(call.principal, "org.user.list", [row["key"] for row in rows], "administration")
        seal = self.keys.of(call.tenant)
        items = [
            ListedUser(
                id=row["key"],
                kind=form.kind,
                active=row["active"],
                name=seal.open(row["name"], "org.user.name"),
            )
            for row in rows
        ]
        return Listed(items=items, next=rows[-1]["key"] if len(rows) == form.limit else None)

    def _administered_user(self, call: Call, data: TenantData, key: str) -> User:
        """Returns the user if the caller administers the area of every post that they hold.

        So nobody takes over the account of a superior. Residents, couriers and staff without a post belong to no part
        of the tenant; only an administrator of the whole tenant administers them. Raises `NotFound`,
        `NotAdministrator`.
        """
        require_administrators_role(call.principal)
        user = data.get(User, key)
        rows = data.aggregate(Assignment, {"subject": key, "ended": False}, [{"$group": {"_id": "$area"}}])
        areas = {row["_id"] for row in rows}
        # Otherwise any administrator could take over a resident's account by giving the resident a post.
        if not areas or user.kind != "staff":
            areas.add(root_of(data))
        for area in areas:
            require_administrator(call.principal, area)
        return user


def _change(data: TenantData, user: User, act: Callable[[User], Any]) -> Answer:
    answer: Answer = data.change(User, user.key, lambda user: act(user) or _status_of(user))
    return answer


def _status_of(user: User) -> Answer:
    return {"id": user.key, "kind": user.kind, "active": user.active}
