"""Permission checks of org: the administrator of the tenant, in their area."""

from __future__ import annotations

from chassis.errors import Forbidden, NotFound
from chassis.security.principal import Principal
from vocabulary.rights import Resource, holds, may
from vocabulary.roles import Permission


class NotAdministrator(Forbidden):
    code = "org.not_administrator"
    en = "Only an administrator (tenant_admin) of this area may do this; ask one."
    zh = "仅本区域管理员可以办理，请联系管理员。"


def administers(by: Principal, area: str) -> bool:
    return may(by, Permission.ADMINISTER, Resource(area=area))


def require_administrators_role(by: Principal) -> None:
    """Raises `NotAdministrator` for who administers nothing. Asked before any record is looked up: the right comes
    first, so whoever lacks it learns neither what there is nor in which version."""
    if not holds(by, Permission.ADMINISTER):
        raise NotAdministrator


def require_administrator(by: Principal, area: str) -> None:
    """Raises `NotAdministrator`, or for an administrator elsewhere `NotFound`, as for an unknown place."""
    require_administrators_role(by)
    if not administers(by, area):
        raise NotFound


def require_administrator_of_all(by: Principal, root: str) -> None:
    """Raises `NotAdministrator` unless the caller administers the whole tenant, whose path is `root`."""
    if not administers(by, root):
        raise NotAdministrator
