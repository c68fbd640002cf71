"""Sign-in: who somebody is by their password or token, asked by the gateway alone."""

from __future__ import annotations

import time

import eventlet

from chassis.context import Call, Context
from chassis.errors import Forbidden, NotFound, Unauthenticated
from chassis.messaging.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import system
from chassis.usecases.records import found
from chassis.usecases.service import Sealing
from services.org.api.users import Credentials, KnownUser, Standing
from services.org.tenants.tenant import Tenant
from services.org.users.passwords import fits_hash
from services.org.users.principals import standings
from services.org.users.user import Identity, SignInFailed, User

#: Seconds that a refused sign-in takes at least, so that its time does not tell which step refused it.
REFUSAL_SECONDS = 0.25


class NotTheGateway(Forbidden):
    code = "user.not_the_gateway"
    en = "Only the gateway asks this."
    zh = "仅限网关调用。"


class SignIn(Sealing):
    """Part of the service."""

    @command
    def sign_in(self, call: Call, form: Credentials) -> KnownUser:
        """Raises `SignInFailed` whatever the reason, after the same time."""
        must_be_gateway(call)
        started = time.monotonic()
        data = self.data.of(call)
        user = self._by_login(data, call, form.login)
        fits = fits_hash(form.password, user.password if user else None)
        if user is None or not data.change(User, user.key, lambda user: user.sign_in(fits, call.now)):
            self.audit.record(call.principal, "org.sign_in.failed", [user.key] if user else [], "")
            eventlet.sleep(max(0.0, REFUSAL_SECONDS - (time.monotonic() - started)))
            raise SignInFailed
        self.audit.record(call.principal, "org.sign_in.done", [user.key], "")
        return KnownUser(subject=user.key, standings=standings(data, user))

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
        must_be_gateway(call)
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


def must_be_gateway(call: Call) -> None:
    if call.principal.subject != system(call.tenant, "gateway").subject:
        raise NotTheGateway


def _known(data: TenantData, issuer: str, subject: str) -> User:
    try:
        owner = data.get(Identity, Identity.key_of(issuer, subject)).user if issuer else subject
        return data.get(User, owner)
    except NotFound:
        raise Unauthenticated from None
