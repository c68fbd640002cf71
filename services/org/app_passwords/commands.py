"""Commands and queries of app passwords."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import NotFound, Unauthenticated
from chassis.types import Answer, Id, Listed, Page
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, create, step_answer, to_answer
from chassis.usecases.service import Documents, SealingUseCases
from services.org.api import app_passwords as api
from services.org.api.users import Standing, standing_at
from services.org.app_passwords.model import MOST, AppPassword, TooManyAppPasswords
from services.org.users.gateway_only import require_gateway
from services.org.users.model import User
from services.org.users.principals import standings
from vocabulary.access import require_role
from vocabulary.roles import Permission

_DEVICE = "org.app_password.device_name"


class AppPasswordCommands(SealingUseCases):
    documents: Documents = (AppPassword,)

    @command
    def make_app_password(self, call: Call, form: api.NewAppPassword) -> Answer:
        """Makes one for the caller at the post as which they act."""
        require_role(call.principal, Permission.USE_FORMS_APP)
        data, keys = self.data.of(call), self.keys.of(call.tenant)
        user = data.get(User, call.principal.subject)

        def build(key: str) -> AppPassword:
            in_use = {"user": user.key, "ended": False, "ends_at": {"$gt": call.now}}
            if data.count(AppPassword, in_use) >= MOST:
                raise TooManyAppPasswords(most=MOST)
            name = keys.seal(form.device_name, _DEVICE)
            return AppPassword.make(
                call.principal, key, name, self._password(call, key), form.days, user.revocations, call.now
            )

        made = create(data, AppPassword, build, lambda each: to_answer(each, "ends_at"))
        self.audit.record(call.principal, "org.app_password.made", [made["id"]], "")
        # Only now: what is stored for a repeated request must not hold it.
        return made | {"username": f"{call.tenant}.{made['id']}", "password": self._password(call, made["id"])}

    @query
    def list_app_passwords(self, call: Call, form: Page) -> Listed[Answer]:
        """The caller's own that are in use."""
        require_role(call.principal, Permission.USE_FORMS_APP)
        data, keys = self.data.of(call), self.keys.of(call.tenant)
        where = {"user": call.principal.subject, "ended": False, "ends_at": {"$gt": call.now}}
        found, following = in_key_order(data, AppPassword, where, form)
        items = [
            to_answer(each, "post", "made_at", "ends_at") | {"device_name": keys.open(each.device_name, _DEVICE)}
            for each in found
        ]
        return Listed(items=items, next=following)

    @command
    def end_app_password(self, call: Call, app_password: Id) -> Answer:
        ended = change(
            self.data.of(call), AppPassword, app_password, lambda each: each.end(call.principal), step_answer
        )
        self.audit.record(call.principal, "org.app_password.ended", [app_password], "")
        return ended

    @query
    def principal_of_app_password(self, call: Call, form: api.AppPasswordCheck) -> Standing:
        """Returns the standing of its person at its post. Raises `Unauthenticated` for whatever reason it has ended."""
        require_gateway(call)
        data = self.data.of(call)
        try:
            found = data.get(AppPassword, form.app_password)
            user = data.get(User, found.user)
        except NotFound:
            raise Unauthenticated from None
        valid = user.accepts_token(found.made_at.timestamp(), found.revocations)
        standing = standing_at(standings(data, user), found.post)
        if not valid or standing is None or not found.opens_with(form.digest, call.now):
            raise Unauthenticated
        return standing

    def _password(self, call: Call, key: str) -> str:
        """Derived with a key of the tenant, so that a repeated request gets it again although nothing holds it."""
        return self.keys.of(call.tenant).blind(key, "app_password")
