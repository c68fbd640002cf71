"""Authentication for the gateway: password sign-in, and the principal that a token stands for."""

from __future__ import annotations

import time

import eventlet

from chassis.context import Call, Context
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import NotFound, Unauthenticated
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.records import found
from chassis.usecases.service import SealingUseCases
from services.org.api.users import KnownUser, SignInAttempt, Standing, standing_at
from services.org.tenants.model.tenant import Tenant
from services.org.users.gateway_only import require_gateway
from services.org.users.model import Identity, SignInFailed, User
from services.org.users.passwords import verify_in_thread
from services.org.users.principals import standings

#: Minimum seconds of a refused sign-in, so that its duration does not reveal which step refused it.
REFUSAL_SECONDS = 0.25


class SignIn(SealingUseCases):
    """Sign-in and token lookup. Only `my_standings` is open to callers other than the gateway."""

    @command
    def sign_in(self, call: Call, form: SignInAttempt) -> KnownUser:
        """Verifies login and password. Raises `SignInFailed` for every reason, after the same time."""
        require_gateway(call)
        started = time.monotonic()
        data = self.data.of(call)
        user = self._by_login(data, call, form.login)
        matches = verify_in_thread(form.password, user.password if user else None)
        device = form.device if user and form.device_of == user.key else ""
        if user is None or not data.change(User, user.key, lambda user: user.sign_in(matches, call.now, device)):
            self.audit.record(call.principal, "org.sign_in.failed", [user.key] if user else [], "")
            eventlet.sleep(max(0.0, REFUSAL_SECONDS - (time.monotonic() - started)))
            raise SignInFailed
        self.audit.record(call.principal, "org.sign_in.done", [user.key], "")
        # The count from before the check: if the password has been reset since, the token is one of those revoked.
        return KnownUser(subject=user.key, standings=standings(data, user), revocations=user.revocations)

    def _by_login(self, data: TenantData, context: Context, login: str) -> User | None:
        if found(data, Tenant, context.tenant) is None:
            return None
        index = self.keys.of(context.tenant).blind(login, "login")
        return next(iter(data.find(User, {"login_index": index}, limit=1)), None)

    @query
    def principal_of(
        self, call: Call, issuer: str, subject: str, issued: float, post: str = "", revocations: int | None = None
    ) -> Standing:
        """Returns the standing of a token's user at `post`; if it is empty, as themselves or at their first post.

        `issuer` is empty for tokens of this platform, whose subject is the user id; a foreign token needs a linked
        identity. `issued`: when the token was issued, in Unix seconds; `revocations`: the count that it states. Raises
        `Unauthenticated` if the token is revoked, or the user is unknown, disabled or no longer at `post`.
        """
        require_gateway(call)
        data = self.data.of(call)
        user = _user_of_token(data, issuer, subject)
        if not user.accepts_token(issued, revocations):
            raise Unauthenticated
        standing = standing_at(standings(data, user), post)
        if standing is None:
            raise Unauthenticated
        return standing

    @query
    def my_standings(self, call: Call) -> list[Standing]:
        """Returns the standings that the caller may choose from."""
        data = self.data.of(call)
        return standings(data, data.get(User, call.principal.subject))


def _user_of_token(data: TenantData, issuer: str, subject: str) -> User:
    try:
        owner = data.get(Identity, Identity.key_of(issuer, subject)).user if issuer else subject
        return data.get(User, owner)
    except NotFound:
        raise Unauthenticated from None
