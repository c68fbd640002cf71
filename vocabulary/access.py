"""Permission checks against the table of rights, and their refusals."""

from __future__ import annotations

from chassis.errors import Forbidden
from chassis.security.principal import Principal
from vocabulary.rights import HOLDERS, Resource, may
from vocabulary.roles import Permission, Role


class WrongRole(Forbidden):
    """`permission`: what the caller lacks; `roles` have it."""

    code = "wrong_role"
    en = "Your role may not {permission}. These roles may: {roles}."
    zh = "您的角色无权执行“{permission}”；有权执行的角色：{roles}。"
    chinese = {"permission": Permission.zh_names(), "roles": Role.zh_names()}
    english = {"permission": Permission.en_names(), "roles": Role.en_names()}


class NotYourArea(Forbidden):
    code = "not_your_area"
    en = "You may do this in your own area only, and {area:place} is not in it. Ask its community or street."
    zh = "仅可在本辖区内执行此操作，{area:place}不在您的辖区内，请联系当地社区或街道。"


def require_in_area(by: Principal, permission: Permission, area: str) -> None:
    """Raises `WrongRole` if none of the caller's roles ever may, `NotYourArea` for another area."""
    require_role(by, permission)
    if not may(by, permission, Resource(area=area)):
        raise NotYourArea(area=area)


def require_role(by: Principal, *permissions: Permission) -> None:
    """Raises `WrongRole` unless one of the caller's roles has one of these in whatever relation, as for a list."""
    roles: frozenset[str] = frozenset().union(*(HOLDERS[permission] for permission in permissions))
    if roles.isdisjoint(by.roles):
        raise WrongRole(permission=str(permissions[0]), roles=sorted(roles))
