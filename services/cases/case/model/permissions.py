"""Who may do what: the table under Roles of DOMAIN.md as data, and its checks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from chassis.errors import Forbidden
from chassis.security.principal import Principal
from services.cases.case.texts_zh import ACTS, OWN_WORK, OWNERS, ROLE_NAMES


class Power(StrEnum):
    """A column of the table, split where one cell holds two things."""

    REPORT = "report"
    VERIFY = "verify"
    SELF_RESOLVE = "self_resolve"
    REGISTER = "register"
    ESCALATE = "escalate"
    DISPATCH = "dispatch"
    ASSIGN = "assign"
    WHISTLE = "whistle"
    WHISTLE_BY_TABLE = "whistle_by_table"
    HANDLE = "handle"
    TAKE_ON = "take_on"
    DO_SUB_TASK = "do_sub_task"
    GRANT = "grant"
    VOID = "void"
    INSPECT = "inspect"
    RATE = "rate"
    SUPERVISE = "supervise"
    URGE = "urge"


_REPORTERS = frozenset({"resident", "courier"})
_GRID = frozenset({"grid_worker", "grid_leader"})
_DESKS = frozenset({"street", "centre"})
_LEADS = frozenset({"department", "street", "community", "centre"})

ROLES: Mapping[Power, frozenset[str]] = {
    Power.REPORT: _REPORTERS | _GRID | _DESKS | {"counter", "hotline", "community", "department", "inspector"},
    Power.VERIFY: _GRID | {"community", "street", "inspector"},
    Power.SELF_RESOLVE: _GRID | {"counter", "hotline", "community", "street"},
    Power.REGISTER: _DESKS | {"hotline", "community"},
    # A county's centre hands up to the city's: the last two tiers of the escalation.
    Power.ESCALATE: _GRID | _DESKS | {"community"},
    Power.DISPATCH: _DESKS,
    Power.ASSIGN: _LEADS,
    Power.WHISTLE: _DESKS,
    Power.WHISTLE_BY_TABLE: _GRID | {"community"},
    Power.HANDLE: _LEADS,
    Power.TAKE_ON: frozenset({"community", "street"}),
    Power.DO_SUB_TASK: _LEADS | _GRID,
    Power.GRANT: _DESKS,
    Power.VOID: frozenset({"centre"}),
    Power.INSPECT: _GRID | _DESKS | {"hotline", "inspector"},
    Power.RATE: _REPORTERS,
    Power.SUPERVISE: _DESKS,
    Power.URGE: _REPORTERS | {"counter", "hotline"},
}  # fmt: skip


class WrongRole(Forbidden):
    """`power`: what was tried; `roles`: who may."""

    code = "case.wrong_role"
    en = "Your role does not allow {power}; these may: {roles}."
    zh = "您的角色不能执行 {power};可执行的角色:{roles}。"
    chinese = {"power": ACTS, "roles": ROLE_NAMES}


class OwnWork(Forbidden):
    """Nobody inspects, grants or rules on their own work."""

    code = "case.own_work"
    en = "You may not {act} your own work: {reason}. Leave it to somebody who had no part in it."
    zh = "不能对本人或本单位的工作执行 {act}({reason}),请由未参与的人员办理。"
    chinese = {"act": ACTS, "reason": OWN_WORK}


class NotYours(Forbidden):
    """The step belongs to somebody else. `owner`: the unit, tier or area it belongs to."""

    code = "case.not_yours"
    en = "This step belongs to {owner}; ask them."
    zh = "此步骤由 {owner} 办理,请与其联系。"
    chinese = {"owner": OWNERS}


def require_power(by: Principal, *powers: Power) -> None:
    """Passes when any of their roles holds any of these powers."""
    if not any(by.has(*ROLES[power]) for power in powers):
        roles = sorted(frozenset().union(*(ROLES[power] for power in powers)))
        raise WrongRole(power=str(powers[0]), roles=roles)


def powers_of(roles: frozenset[str]) -> list[str]:
    """What these roles may do: the preview that an administrator sees."""
    return [str(power) for power, holders in ROLES.items() if not holders.isdisjoint(roles)]


def acts_for(by: Principal, unit: str) -> bool:
    """True for the unit's people; a division's people act for it by their area."""
    return bool(unit) and (by.unit == unit or by.area.endswith(f"/{unit}/"))
