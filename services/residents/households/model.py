"""Aggregate of a household (户): who live together. Its members name it; it names their head."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Refused
from chassis.security.principal import Principal, codes_of
from services.residents.dwellings.model import Dwelling
from services.residents.households.events import HouseholdChanged, HouseholdSplit
from services.residents.placed import Placed
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

ACTIVE, DISSOLVED = "ACTIVE", "DISSOLVED"


class HouseholdDissolved(Refused):
    code = "household.dissolved"
    en = "This household was dissolved. Choose the household they belong to now."
    zh = "该户已注销，请选择现所属的户。"


class MembersLeft(Refused):
    code = "household.members_left"
    en = "{number} people still belong to this household. Move them first."
    zh = "该户仍有 {number} 名成员，请先办理迁移。"


class NotOfHousehold(Refused):
    code = "household.not_a_member"
    en = "This resident does not belong to the household. Move them in first."
    zh = "该居民不属于此户，请先办理迁入。"


class Household(Placed):
    """`area` and `building` are those of its dwelling; `colour`: its service card (五色户卡)."""

    meta: ClassVar[dict[str, Any]] = {"collection": "households"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("codes", "_id"), ("dwelling", "state", "_id"), ("head",)]
    visible_to = STAFF

    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    dwelling: str = StringField(required=True)
    head: str = StringField(default="")
    colour: str = StringField(default="")
    state: str = StringField(default=ACTIVE)
    opened_at: datetime = DateTimeField(required=True)

    @classmethod
    def open(cls, by: Principal, key: str, dwelling: Dwelling, now: datetime) -> Household:
        require_in_area(by, Permission.KEEP_RESIDENTS, dwelling.area)
        return cls.made(by.tenant, key, dwelling, now)

    @classmethod
    def made(cls, tenant: str, key: str, dwelling: Dwelling, now: datetime, head: str = "") -> Household:
        """Raises `DwellingGone`."""
        dwelling.require_in_use()
        household = cls(id=cls.identity(tenant, key), tenant=tenant, opened_at=now, head=head)
        household._live_in(dwelling)
        household.emit(household.state_event())
        return household

    @classmethod
    def split(
        cls, by: Principal, key: str, out_of: Household, dwelling: Dwelling, residents: list[str], now: datetime
    ) -> Household:
        """Opens a household for some members of another, who move on its event."""
        require_in_area(by, Permission.KEEP_RESIDENTS, out_of.area)
        household = cls.open(by, key, dwelling, now)
        household.emit(HouseholdSplit(out_of=out_of.key, residents=residents))
        return household

    def move(self, by: Principal, dwelling: Dwelling) -> None:
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        require_in_area(by, Permission.KEEP_RESIDENTS, dwelling.area)
        self.require_active()
        dwelling.require_in_use()
        self._live_in(dwelling)
        self.emit(self.state_event())

    def name_head(self, by: Principal, resident: str, household: str) -> None:
        """`household`: that of the resident."""
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        self.require_active()
        if household != self.key:
            raise NotOfHousehold()
        self.head = resident

    def colour_card(self, by: Principal, colour: str) -> None:
        """`colour`: its service card; "" takes the card away."""
        require_in_area(by, Permission.KEEP_NEEDS, self.area)
        self.require_active()
        if colour != self.colour:
            self.colour = colour
            self.emit(self.state_event())

    def dissolve(self, by: Principal, members: int) -> None:
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        self.require_active()
        if members:
            raise MembersLeft(number=members)
        self.state, self.head = DISSOLVED, ""
        self.emit(self.state_event())

    def lose(self, resident: str) -> None:
        """A member left, died or was merged: it is not the head any more."""
        if self.head == resident:
            self.head = ""

    def receive(self, resident: str, relation: str) -> None:
        """Somebody belongs to it, so it is not dissolved, whoever did that while they moved in or were merged."""
        if self.state != ACTIVE:
            self.state = ACTIVE
            self.emit(self.state_event())
        if relation == "head" and not self.head:
            self.head = resident

    def follow(self, dwelling: Dwelling) -> None:
        """Its dwelling lies in another grid now."""
        if self.area != dwelling.area:
            self._lie_in(dwelling.area)
            self.emit(self.state_event())

    def require_active(self) -> None:
        if self.state != ACTIVE:
            raise HouseholdDissolved()

    def state_event(self) -> HouseholdChanged:
        return HouseholdChanged(id=self.key, dwelling=self.dwelling, area=self.area, state=self.state)

    def _live_in(self, dwelling: Dwelling) -> None:
        self.dwelling = dwelling.key
        self._lie_in(dwelling.area)

    def _lie_in(self, area: str) -> None:
        self.area, self.codes = area, codes_of(area)
