"""Permission check of the methods that only the gateway calls."""

from __future__ import annotations

from chassis.context import Call
from chassis.errors import Forbidden
from chassis.security.principal import system


class NotTheGateway(Forbidden):
    code = "user.not_the_gateway"
    en = "Only the gateway may call this method."
    zh = "仅限网关调用。"


def require_gateway(call: Call) -> None:
    if call.principal.subject != system(call.tenant, "gateway").subject:
        raise NotTheGateway
