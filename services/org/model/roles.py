"""What each role may do: the table of roles as data, and a preview of who may do what.

The services enforce their own acts; a contract test holds their tables against this one.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

ACTS = {
    "report": ("report a matter", "上报"),
    "verify": ("verify a report", "核实"),
    "solve_on_the_spot": ("solve on the spot", "当场解决"),
    "register": ("register a case", "立案"),
    "dispatch": ("dispatch to a unit", "派单"),
    "dispatch_sub_tasks": ("dispatch sub-tasks", "派发子任务"),
    "escalate": ("pass a case one tier up", "上报上级"),
    "whistle": ("whistle for units", "吹哨"),
    "handle": ("handle a case", "处置"),
    "handle_sub_task": ("handle a sub-task", "处置子任务"),
    "grant": ("grant requests", "审批"),
    "rule": ("rule on disputes", "裁定"),
    "void": ("void a case", "作废"),
    "inspect": ("inspect a result", "核查"),
    "call_back": ("call the party back", "回访"),
    "rate": ("rate a result", "评价"),
    "urge": ("urge an answer", "催办"),
    "supervise": ("open supervision", "督办"),
    "read_supervision": ("read supervision", "查看监督"),
    "administer": ("administer settings, posts and users", "管理设置、岗位与用户"),
}

CONDITIONS = {
    "": ("", ""),
    "whistle_table": ("as the whistle table allows", "按吹哨清单"),
    "own_unit": ("for their own unit (自办)", "本单位自办"),
    "others_work": ("never their own work", "不得核查本人经办"),
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
    """`"whistle:whistle_table"` is the act under that condition."""
    return tuple(Permission(*act.split(":")) for act in acts)


_PARTY = Role(_may("report", "rate", "urge"), sees="own")
_GRID = Role(
    _may(
        "report",
        "verify",
        "solve_on_the_spot",
        "escalate",
        "whistle:whistle_table",
        "handle_sub_task",
        "inspect:others_work",
    ),
    sees="grid",
    purposes=frozenset({"intake", "handling"}),
)

ROLES = {
    "resident": _PARTY,
    "courier": _PARTY,
    "grid_worker": _GRID,
    "grid_leader": _GRID,
    "counter": Role(_may("report", "solve_on_the_spot", "urge"), sees="own_tickets", purposes=frozenset({"intake"})),
    "hotline": Role(
        _may("report", "solve_on_the_spot", "register", "call_back", "urge"),
        sees="tenant",
        purposes=frozenset({"intake", "callback"}),
        masked=True,
    ),
    "community": Role(
        _may(
            "report", "verify", "solve_on_the_spot", "register", "escalate", "whistle:whistle_table", "handle:own_unit"
        ),
        sees="community",
        purposes=frozenset({"intake", "handling"}),
    ),
    "street": Role(
        _may(
            "report",
            "verify",
            "solve_on_the_spot",
            "register",
            "dispatch",
            "escalate",
            "whistle",
            "handle:own_unit",
            "grant:others_work",
            "rule:others_work",
            "inspect:others_work",
            "supervise",
        ),
        sees="street",
        purposes=frozenset({"intake", "handling", "callback"}),
    ),
    "centre": Role(
        _may(
            "report",
            "register",
            "dispatch",
            "whistle",
            "grant:others_work",
            "rule:others_work",
            "void",
            "inspect:others_work",
            "supervise",
        ),
        sees="county",
        purposes=frozenset({"intake", "handling", "callback"}),
    ),
    "department": Role(
        _may("report", "dispatch_sub_tasks", "handle"), sees="cases_of_the_unit", purposes=frozenset({"handling"})
    ),
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
