"""The authority matrix (街道六项权力): which tiers hold which power. Three powers are given, three the tenant sets."""

from __future__ import annotations

from typing import ClassVar

from mongoengine import ListField, StringField

from chassis.errors import Fault, Forbidden, Invalid, one_of
from chassis.persistence.aggregate import Aggregate
from services.org.responsibilities.events import PowerChanged
from services.org.responsibilities.list_entry import TIERS
from vocabulary.tiers import Tier

GIVEN = {
    "take_part_in_planning": ("takes part in planning", "规划参与权"),
    "dispatch_enforcement": ("dispatches enforcement", "综合执法指挥调度权"),
    "propose_appraisal": ("proposes appraisal", "考核建议权"),
}
"""Held by the street unless the tenant sets otherwise."""

OWN = ("own_1", "own_2", "own_3")
"""The places for the three that a tenant sets: six powers, not more."""


class PowerNotHeld(Forbidden):
    code = "power.not_held"
    en = "The tier {tier} does not hold the power {name}; ask one that does: {tiers}."
    zh = "{tier}层级没有该项权力({name_zh}),有权层级:{tiers}。"
    chinese = {"tier": Tier.zh_names(), "tiers": Tier.zh_names()}


class Power(Aggregate):
    """Its key is one of the six places, so there can be no seventh."""

    meta = {"collection": "powers"}
    indexes: ClassVar[list[tuple[str, ...]]] = []

    name: str = StringField()
    name_zh: str = StringField()
    tiers: list[str] = ListField(StringField())

    @classmethod
    def blank(cls, tenant: str, key: str) -> Power:
        """A place of the matrix as it is before the tenant sets it. Raises `Invalid` for a seventh."""
        if key not in (*GIVEN, *OWN):
            raise Invalid(one_of("power", (*GIVEN, *OWN)))
        name, name_zh = GIVEN.get(key, ("", ""))
        held = [Tier.STREET] if key in GIVEN else []
        return cls(id=cls.identity(tenant, key), tenant=tenant, name=name, name_zh=name_zh, tiers=held)

    def set(self, tiers: list[str], name: str = "", name_zh: str = "") -> None:
        """`tiers` hold it from now on. A power of the tenant's own needs its names; a given one keeps its own."""
        faults: list[Fault] = []
        if not set(tiers) <= set(TIERS):
            faults.append(one_of("tiers", TIERS))
        if self.key in OWN and not (name.strip() and name_zh.strip()):
            faults.append(("name", "the tenant's own power needs a name in both languages", "自设权力须有中英文名称"))
        if self.key in GIVEN and (name or name_zh):
            faults.append(("name", "this power has its name", "该权力已有名称,不得另行命名"))
        if faults:
            raise Invalid(*faults)
        self.name, self.name_zh = name or self.name, name_zh or self.name_zh
        self.tiers = sorted(set(tiers), key=TIERS.index)
        self.emit(self.state_event())

    def require(self, tier: str) -> None:
        """Raises `PowerNotHeld` for a tier that does not hold it."""
        if tier not in self.tiers:
            name, name_zh = self.name or self.key, self.name_zh or self.key
            raise PowerNotHeld(power=self.key, name=name, name_zh=name_zh, tier=tier, tiers=[*self.tiers] or ["-"])

    def state_event(self) -> PowerChanged:
        return PowerChanged(id=self.key, name=self.name, name_zh=self.name_zh, tiers=[*self.tiers])
