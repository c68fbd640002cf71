"""Aggregate of the authority matrix (街道六项权力): which tiers hold three standard and three custom powers."""

from __future__ import annotations

from typing import ClassVar

from mongoengine import ListField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Forbidden, Invalid, one_of
from chassis.types import is_blank
from chassis.usecases.visibility import VisibleToTenant
from services.org.responsibilities.events import PowerChanged
from services.org.responsibilities.model.list_entry import TIERS
from vocabulary.tiers import Tier

STANDARD_POWERS = {
    "take_part_in_planning": ("takes part in planning", "规划参与权"),
    "dispatch_enforcement": ("dispatches enforcement", "综合执法指挥调度权"),
    "propose_appraisal": ("proposes appraisal", "考核建议权"),
}
"""The standard powers; the street holds them unless the tenant changes that."""

CUSTOM_POWERS = ("own_1", "own_2", "own_3")
"""The slots of the three powers that a tenant defines; there are six powers in all."""


#: Stands for the tiers of a power that none holds.
_NOBODY = "-"


class PowerNotHeld(Forbidden):
    code = "power.not_held"
    en = "The {tier} tier does not hold the power {name:verbatim}; ask one that does: {tiers}."
    zh = "{tier}层级无{name_zh:verbatim}，请报有权层级办理：{tiers}。"
    chinese = {"tier": Tier.zh_names(), "tiers": {**Tier.zh_names(), _NOBODY: "暂无"}}
    english = {"tier": Tier.en_names(), "tiers": {**Tier.en_names(), _NOBODY: "none yet"}}


class Power(VisibleToTenant):
    """A power and the tiers that hold it. Its key is one of the six slots, so there is never a seventh."""

    meta = {"collection": "powers"}
    indexes: ClassVar[list[tuple[str, ...]]] = []
    visible_to = ADMINISTRATORS
    has_natural_key = True

    name: str = StringField(required=True)
    name_zh: str = StringField(required=True)
    tiers: list[str] = ListField(StringField())

    @classmethod
    def blank(cls, tenant: str, key: str) -> Power:
        """Returns the default of a slot, before the tenant sets it. Raises `Invalid` for an unknown slot."""
        if key not in (*STANDARD_POWERS, *CUSTOM_POWERS):
            raise Invalid(one_of("power", (*STANDARD_POWERS, *CUSTOM_POWERS)))
        name, name_zh = STANDARD_POWERS.get(key, ("", ""))
        tiers = [Tier.STREET] if key in STANDARD_POWERS else []
        return cls(id=cls.identity(tenant, key), tenant=tenant, name=name, name_zh=name_zh, tiers=tiers)

    def set(self, tiers: list[str], name: str = "", name_zh: str = "") -> None:
        """Sets the tiers that hold the power. A custom power needs both names; a standard one keeps its names.

        Raises `Invalid`.
        """
        faults: list[Fault] = []
        if not set(tiers) <= set(TIERS):
            faults.append(one_of("tiers", TIERS))
        if self.key in CUSTOM_POWERS and (is_blank(name) or is_blank(name_zh)):
            faults.append(("name", "a custom power needs a name in English and in Chinese", "自设权力须有中英文名称"))
        if self.key in STANDARD_POWERS and (name or name_zh):
            faults.append(("name", "a standard power cannot be renamed", "该权力已有名称，不得另行命名"))
        if faults:
            raise Invalid(*faults)
        self.name, self.name_zh = name or self.name, name_zh or self.name_zh
        self.tiers = sorted(set(tiers), key=TIERS.index)
        self.emit(self.state_event())

    def require(self, tier: str) -> None:
        """Raises `PowerNotHeld` if the tier does not hold the power."""
        if tier not in self.tiers:
            name, name_zh = self.name or self.key, self.name_zh or self.key
            raise PowerNotHeld(power=self.key, name=name, name_zh=name_zh, tier=tier, tiers=[*self.tiers] or [_NOBODY])

    def state_event(self) -> PowerChanged:
        return PowerChanged(id=self.key, name=self.name, name_zh=self.name_zh, tiers=[*self.tiers])
