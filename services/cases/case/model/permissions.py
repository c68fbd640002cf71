"""Permission checks of cases against the table of roles (`vocabulary.roles`), and against the caller's unit."""

from __future__ import annotations

from chassis.errors import Forbidden
from chassis.security.principal import Principal
from services.cases.case.texts_zh import ACTS, OWN_WORK, OWNERS, PERMISSIONS
from vocabulary.roles import HOLDERS, Permission, Role


class WrongRole(Forbidden):
    """`power`: the permission that the caller lacks, as the API has called it since its beginning; `roles` have it."""

    code = "case.wrong_role"
    en = "Your role does not allow {power}. These roles do: {roles}."
    zh = "您的角色无权执行「{power}」；有权执行的角色：{roles}。"
    chinese = {"power": PERMISSIONS, "roles": Role.zh_names()}


class OwnWork(Forbidden):
    """Nobody inspects, grants or rules on their own work."""

    code = "case.own_work"
    en = "You may not {act} your own work: {reason}. Leave it to someone who was not involved."
    zh = "不得对本人或本单位的工作执行「{act}」（{reason}），请由未参与的人员办理。"
    chinese = {"act": ACTS, "reason": OWN_WORK}


class NotYours(Forbidden):
    """`owner`: the person, unit, tier or area that the step belongs to."""

    code = "case.not_yours"
    en = "This step belongs to {owner}. Ask them to take it."
    zh = "此步骤由 {owner} 办理，请与其联系。"
    chinese = {"owner": OWNERS}


class NotParty(Forbidden):
    code = "case.not_party"
    en = "Only a party of this case may do this."
    zh = "仅本案当事人可执行此操作。"


def may(by: Principal, *permissions: Permission) -> bool:
    """Returns whether any of the caller's roles holds any of these permissions."""
    return any(by.has(*HOLDERS[permission]) for permission in permissions)


def require_permission(by: Principal, *permissions: Permission) -> None:
    """Raises `WrongRole` unless any of the caller's roles holds any of these permissions."""
    if not may(by, *permissions):
        roles = sorted(frozenset().union(*(HOLDERS[permission] for permission in permissions)))
        raise WrongRole(power=str(permissions[0]), roles=roles)


def require_unit(by: Principal, unit: str) -> None:
    if by.unit != unit:
        raise NotYours(owner=unit)


def require_other_unit(by: Principal, permission: Permission, unit: str) -> None:
    if by.unit == unit:
        raise OwnWork(act=str(permission), reason="it is about your unit")


def acts_for(by: Principal, unit: str) -> bool:
    """Returns whether the caller acts for the unit: by their unit, or for a division by their area."""
    return bool(unit) and (by.unit == unit or by.area.endswith(f"/{unit}/"))
