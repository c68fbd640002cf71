"""Permission checks of org: the administrator of the tenant, in their area."""

from __future__ import annotations

from chassis.errors import Forbidden, NotFound
from chassis.security.principal import Principal
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission


class NotAdministrator(Forbidden):
    code = "org.not_administrator"
    en = "Only an administrator (tenant_admin) of this area may do this; ask one."
    zh = "仅本区域管理员可以办理，请联系管理员。"


def administers(by: Principal, area: str) -> bool:
    return may(by, Permission.ADMINISTER, Resource(area=area))


def require_administrator(by: Principal, area: str) -> None:
    """Raises `NotFound` outside the caller's area, as for an unknown place, and `NotAdministrator` inside it."""
    if not by.covers(area):
        raise NotFound
    if not administers(by, area):
        raise NotAdministrator
