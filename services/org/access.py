"""Who may change the structure: the tenant's administrator, inside their own area."""

from __future__ import annotations

from chassis.errors import Forbidden, NotFound
from chassis.security.principal import Principal
from vocabulary.roles import Role


class NotAdministrator(Forbidden):
    code = "org.not_administrator"
    en = "Only an administrator of this area (tenant_admin) may change it; ask one."
    zh = "只有本区域的管理员(tenant_admin)可以更改,请联系管理员。"


def must_administer(by: Principal, path: str) -> None:
    """Raises `NotFound` outside their area, as for a place that does not exist, and `NotAdministrator` inside it."""
    if not by.covers(path):
        raise NotFound
    if not by.has(Role.TENANT_ADMIN):
        raise NotAdministrator
