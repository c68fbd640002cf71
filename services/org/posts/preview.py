"""Permission preview: what the holder of some roles may do and see, read from the role table (`vocabulary.roles`)."""

from __future__ import annotations

from collections.abc import Iterable

from services.org.api.posts import Allowed, Preview
from vocabulary.roles import DUTIES, Power, purposes_of

#: Powers that nobody may use on their own work.
NEVER_OWN = frozenset({
    Power.GRANT, Power.INSPECT, Power.HOLD_ACCOUNTABLE, Power.CONCLUDE, Power.RULE_ON_APPEAL,
})  # fmt: skip
#: The text of each condition in English and Chinese.
CONDITIONS = {
    "": ("", ""),
    "others_work": ("never their own work", "不得办理本人经手事项"),
}


def preview(role_areas: Iterable[tuple[str, str]]) -> Preview:
    """The acts that the (role, area) pairs allow, each act once per role and area."""
    pairs = sorted(set(role_areas))
    acts = [_allowed(power, role, area) for role, area in pairs for power in DUTIES[role].powers]
    roles = {role for role, _ in pairs}
    return Preview(
        acts=sorted(acts, key=lambda allowed: (list(Power).index(Power(allowed.act)), allowed.area, allowed.role)),
        sees={role: DUTIES[role].sees for role in sorted(roles)},
        purposes=sorted(purposes_of(roles)),
    )


def _allowed(power: Power, role: str, area: str) -> Allowed:
    condition = "others_work" if power in NEVER_OWN else ""
    en, zh = CONDITIONS[condition]
    return Allowed(
        act=power,
        area=area,
        role=role,
        condition=condition,
        en=f"{power.en}, {en}" if en else power.en,
        zh=f"{power.zh}（{zh}）" if zh else power.zh,
    )
