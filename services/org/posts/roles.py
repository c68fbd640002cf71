"""A preview of who may do what, from the one table of roles (`vocabulary.roles`)."""

from __future__ import annotations

from collections.abc import Iterable

from services.org.api.posts import Allowed, Preview
from vocabulary.roles import DUTIES, Power, purposes_of

#: Powers that never reach to one's own work, and how that is told.
NEVER_OWN = frozenset({Power.GRANT, Power.INSPECT})
CONDITIONS = {
    "": ("", ""),
    "others_work": ("never their own work", "不得办理本人经手事项"),
}


def preview(held: Iterable[tuple[str, str]]) -> Preview:
    """What somebody may do who holds these (role, area) pairs, each act once for each area."""
    pairs = sorted(set(held))
    acts = [_allowed(power, role, area) for role, area in pairs for power in DUTIES[role].powers]
    roles = {role for role, _ in pairs}
    return Preview(
        acts=sorted(acts, key=lambda allowed: (list(Power).index(Power(allowed.act)), allowed.area, allowed.role)),
        sees={role: DUTIES[role].sees for role in sorted(roles)},
        purposes=sorted(purposes_of(roles)),
    )


def _allowed(power: Power, role: str, area: str) -> Allowed:
    condition = "others_work" if power in NEVER_OWN else ""
    when, when_zh = CONDITIONS[condition]
    return Allowed(
        act=power,
        area=area,
        role=role,
        condition=condition,
        en=f"{power.en}, {when}" if when else power.en,
        zh=f"{power.zh}({when_zh})" if when_zh else power.zh,
    )
