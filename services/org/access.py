"""Access rules that several aggregates of org share: the tenant's administrator in their area, and the gateway."""

from __future__ import annotations

from chassis.context import Call
from chassis.errors import Forbidden, NotFound
from chassis.security.principal import Principal, system
from vocabulary.roles import Role


class NotAdministrator(Forbidden):
    code = "org.not_administrator"
    en = "Only an administrator (tenant_admin) of this area may do this; ask one."
    zh = "仅本区域管理员可以办理，请联系管理员。"


class NotTheGateway(Forbidden):
    code = "user.not_the_gateway"
    en = "Only the gateway may call this method."
    zh = "仅限网关调用。"


def administers(by: Principal, area: str) -> bool:
    return by.has(Role.TENANT_ADMIN) and by.covers(area)


def require_administrator(by: Principal, area: str) -> None:
    """Raises `NotFound` outside the caller's area, as for an unknown place, and `NotAdministrator` inside it."""
    if not by.covers(area):
        raise NotFound
    if not by.has(Role.TENANT_ADMIN):
        raise NotAdministrator


def require_gateway(call: Call) -> None:
    if call.principal.subject != system(call.tenant, "gateway").subject:
        raise NotTheGateway
