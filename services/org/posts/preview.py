"""Permission preview: what the holder of some roles may do and see, read from the role table (`vocabulary.roles`)."""

from __future__ import annotations

from collections.abc import Iterable

from services.org.api.posts import Allowed, Preview
from vocabulary.rights import permissions_of
from vocabulary.roles import DUTIES, Permission, purposes_of

#: Permissions that nobody may use on their own work.
NEVER_OWN = frozenset({
    Permission.GRANT, Permission.RULE, Permission.INSPECT, Permission.HOLD_ACCOUNTABLE, Permission.CONCLUDE,
    Permission.RULE_ON_APPEAL,
})  # fmt: skip
#: The text of each condition in English and Chinese.
CONDITIONS = {
    "": ("", ""),
    "others_work": ("never their own work", "不得办理本人经手事项"),
}


def preview(role_areas: Iterable[tuple[str, str]]) -> Preview:
    """The acts that the (role, area) pairs allow, each act once per role and area."""
    pairs = sorted(set(role_areas))
    acts = [_allowed(permission, role, area) for role, area in pairs for permission in permissions_of(role)]
    roles = {role for role, _ in pairs}
    return Preview(
        acts=sorted(
            acts, key=lambda allowed: (list(Permission).index(Permission(allowed.act)), allowed.area, allowed.role)
        ),
        sees={role: DUTIES[role].sees for role in sorted(roles)},
        purposes=sorted(purposes_of(roles)),
    )


def _allowed(permission: Permission, role: str, area: str) -> Allowed:
    condition = "others_work" if permission in NEVER_OWN else ""
    en, zh = CONDITIONS[condition]
    return Allowed(
        act=permission,
        area=area,
        role=role,
        condition=condition,
        en=f"{permission.en}, {en}" if en else permission.en,
        zh=f"{permission.zh}（{zh}）" if zh else permission.zh,
    )
