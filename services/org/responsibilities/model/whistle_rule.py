"""Aggregate of the whistle table: which role may call which units for what. Street and centre do not need it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from mongoengine import BooleanField, ListField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Invalid, Refused, one_of
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.responsibilities import NewWhistleRule
from services.org.responsibilities.events import WhistleRuleChanged
from vocabulary.categories import with_groups
from vocabulary.rights import GRANTS
from vocabulary.roles import Permission

CALLERS = tuple(role for role, _ in GRANTS[Permission.WHISTLE_BY_TABLE])
"""The roles whose whistle the table governs."""


class RuleWithdrawn(Refused):
    code = "whistle_rule.withdrawn"
    en = "This whistle rule is already withdrawn."
    zh = "该吹哨规则已撤回，无需重复操作。"


class WhistleRule(VisibleToTenant):
    """A rule of the whistle table, for categories or groups of them; without `categories` it is for all."""

    meta = {"collection": "whistle_rules"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("active", "_id"), ("active", "caller")]
    visible_to = ADMINISTRATORS

    caller: str = StringField(required=True)
    units: list[str] = ListField(StringField())
    categories: list[str] = ListField(StringField())
    area: str = StringField(required=True)
    active: bool = BooleanField(default=True)

    @classmethod
    def make(cls, tenant: str, key: str, rule: NewWhistleRule) -> WhistleRule:
        """Creates a rule. Raises `Invalid` for a role that may whistle without the table, or not at all."""
        if rule.caller not in CALLERS:
            raise Invalid(one_of("caller", CALLERS))
        created = cls(
            id=cls.identity(tenant, key),
            tenant=tenant,
            caller=rule.caller,
            units=[*rule.units],
            categories=[*rule.categories],
            area=rule.area,
        )
        created.emit(created.state_event())
        return created

    def allows(self, caller: str, unit: str, category: str, place: str) -> bool:
        """Returns whether the role may call the unit for a matter of the category at `place` (an area path)."""
        return (
            self.active
            and caller == self.caller
            and unit in self.units
            and (not self.categories or not set(self.categories).isdisjoint(with_groups(category)))
            and place.startswith(self.area)
        )

    def withdraw(self) -> None:
        """Raises `RuleWithdrawn`."""
        if not self.active:
            raise RuleWithdrawn()
        self.active = False
        self.emit(self.state_event())

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return [*self.units]

    def state_event(self) -> WhistleRuleChanged:
        return WhistleRuleChanged(
            id=self.key,
            caller=self.caller,
            units=[*self.units],
            categories=[*self.categories],
            area=self.area,
            active=self.active,
        )


def callable_units(rules: Iterable[WhistleRule], caller: str, category: str, place: str) -> list[str]:
    """Returns every unit that the role may call for such a matter at `place`."""
    return sorted({unit for rule in rules for unit in rule.units if rule.allows(caller, unit, category, place)})
