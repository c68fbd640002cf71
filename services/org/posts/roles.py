"""What each role may do: the table of roles as data, and a preview of who may do what.

The services enforce their own acts; a contract test holds their tables against this one.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

ACTS = {
    "report": ("report a matter", "上报"),
    "verify": ("verify a report", "核实"),
    "self_resolve": ("solve on the spot", "当场解决"),
    "register": ("register a case", "立案"),
    "escalate": ("pass a case one tier up", "上报上级"),
    "dispatch": ("dispatch to a unit", "派单"),
    "assign": ("give out work and sub-tasks of a case that their unit leads", "分派任务"),
    "whistle": ("whistle for units", "吹哨"),
    "whistle_by_table": ("whistle for the units that the whistle table allows", "按吹哨清单吹哨"),
    "handle": ("handle a case that their unit leads", "处置"),
    "take_on": ("handle a matter of their own area themselves", "自办"),
    "do_sub_task": ("handle a sub-task", "处置子任务"),
    "grant": ("grant requests and rule on disputes", "审批、裁定"),
    "void": ("void a case", "作废"),
    "inspect": ("inspect a result, or call the party back", "核查、回访"),
    "rate": ("rate a result", "评价"),
    "supervise": ("open supervision", "督办"),
    "urge": ("urge an answer", "催办"),
    "read_supervision": ("read supervision", "查看监督"),
    "administer": ("administer settings, posts and users", "管理设置、岗位与用户"),
}

CONDITIONS = {
    "": ("", ""),
    "others_work": ("never their own work", "不得办理本人经手事项"),
}


class Permission(msgspec.Struct, frozen=True):
    """An act, under a condition where there is one."""

    act: str
    condition: str = ""


class Role(msgspec.Struct, frozen=True):
    """`sees` is the widest scope of cases that it reads; `masked` hides persons; `purposes` open personal data."""

    permissions: tuple[Permission, ...]
    sees: str
    purposes: frozenset[str] = frozenset()
    masked: bool = False


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a preview: an act, where it holds, and under which condition, in both languages."""

    act: str
    area: str
    role: str
    condition: str
    en: str
    zh: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """`sees`: each role's scope of cases."""

    acts: list[Allowed]
    sees: dict[str, str]
    purposes: list[str]


def _may(*acts: str) -> tuple[Permission, ...]:
    """`"grant:others_work"` is the act under that condition."""
    return tuple(Permission(*act.split(":")) for act in acts)


_INTAKE, _HANDLING, _CALLBACK = frozenset({"intake"}), frozenset({"handling"}), frozenset({"callback"})
_PARTY = Role(_may("report", "rate", "urge"), sees="own")
_GRID = Role(
    _may("report", "verify", "self_resolve", "escalate", "whistle_by_table", "do_sub_task", "inspect:others_work"),
    sees="grid",
    purposes=_INTAKE | _HANDLING,
)
_LEAD = _may("report", "assign", "handle", "do_sub_task")
_DESK = _may("register", "escalate", "dispatch", "whistle", "grant:others_work", "inspect:others_work", "supervise")

ROLES = {
    "resident": _PARTY,
    "courier": _PARTY,
    "grid_worker": _GRID,
    "grid_leader": _GRID,
    "counter": Role(_may("report", "self_resolve", "urge"), sees="own_tickets", purposes=_INTAKE),
    "hotline": Role(
        _may("report", "self_resolve", "register", "inspect:others_work", "urge"),
        sees="tenant",
        purposes=_INTAKE | _CALLBACK,
        masked=True,
    ),
    "community": Role(
        _LEAD + _may("verify", "self_resolve", "register", "escalate", "whistle_by_table", "take_on"),
        sees="community",
        purposes=_INTAKE | _HANDLING,
    ),
    "street": Role(
        _LEAD + _DESK + _may("verify", "self_resolve", "take_on"),
        sees="street",
        purposes=_INTAKE | _HANDLING | _CALLBACK,
    ),
    "centre": Role(_LEAD + _DESK + _may("void"), sees="county", purposes=_INTAKE | _HANDLING | _CALLBACK),
    "department": Role(_LEAD, sees="cases_of_the_unit", purposes=_HANDLING),
    "inspector": Role(
        _may("report", "verify", "inspect:others_work"), sees="assigned", purposes=frozenset({"inspection"})
    ),
    "supervisor": Role(_may("read_supervision"), sees="county", masked=True),
    "tenant_admin": Role(_may("administer"), sees="none"),
}


def purposes_of(roles: Iterable[str]) -> frozenset[str]:
    """Every purpose for which any of the roles opens personal data."""
    return frozenset().union(*(ROLES[role].purposes for role in roles))


def preview(held: Iterable[tuple[str, str]]) -> Preview:
    """What somebody may do who holds these (role, area) pairs, each act once for each area."""
    pairs = sorted(set(held))
    acts = [_allowed(permission, role, area) for role, area in pairs for permission in ROLES[role].permissions]
    roles = {role for role, _ in pairs}
    return Preview(
        acts=sorted(acts, key=lambda allowed: (list(ACTS).index(allowed.act), allowed.area, allowed.role)),
        sees={role: ROLES[role].sees for role in sorted(roles)},
        purposes=sorted(purposes_of(roles)),
    )


def _allowed(permission: Permission, role: str, area: str) -> Allowed:
    (en, zh), (when, when_zh) = ACTS[permission.act], CONDITIONS[permission.condition]
    return Allowed(
        act=permission.act,
        area=area,
        role=role,
        condition=permission.condition,
        en=f"{en}, {when}" if when else en,
        zh=f"{zh}({when_zh})" if when_zh else zh,
    )
