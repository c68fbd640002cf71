"""Aggregate of a resident (人): a profile by versions, sealed, and where the person lives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar

from mongoengine import DateTimeField, EmbeddedDocumentListField, IntField, ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Invalid, Refused
from chassis.persistence.aggregate import Embedded
from chassis.security.principal import Principal, codes_of
from services.residents.households.model import Household
from services.residents.people.events import ResidentChanged
from services.residents.placed import Placed
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

LIVING_HERE, MOVED_OUT, DECEASED, MERGED = "LIVING_HERE", "MOVED_OUT", "DECEASED", "MERGED"
SEALED = ("name", "identity_number", "phone", "birthday")


class NotLivingHere(Refused):
    """`state`: what has become of the person, or of the record."""

    code = "resident.not_living_here"
    en = "This resident does not live here any more ({state}). Move them in first, or look for another record."
    zh = "该居民已不在此居住（{state}），请先办理迁入或查找其他档案。"
    chinese = {"state": {MOVED_OUT: "已迁出", DECEASED: "已去世", MERGED: "已合并"}}
    english = {"state": {MOVED_OUT: "moved out", DECEASED: "deceased", MERGED: "merged"}}


class NotMerged(Refused):
    code = "resident.not_merged"
    en = "This record is not merged into another one."
    zh = "该档案未合并到其他档案。"


class CannotMerge(Refused):
    code = "resident.cannot_merge"
    en = "A record cannot be merged into itself or into one that is merged. Choose the record that stays."
    zh = "不能将档案合并到其自身或已被合并的档案，请选择要保留的档案。"


class Change(Embedded):
    """What a field was and became; `was` and `became` are sealed as the field is, and `why` as a note."""

    field: str = StringField(required=True)
    was: str = StringField(default="")
    became: str = StringField(default="")
    at: datetime = DateTimeField(required=True)
    by: str = StringField(required=True)
    source: str = StringField(default="")
    why: str = StringField(default="")


class Resident(Placed):
    """`listed`: the divisions under which lists show the person, alone and with each need and colour; empty unless they
    live here. `tokens`: see `profile`."""

    meta: ClassVar[dict[str, Any]] = {"collection": "residents"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("listed", "_id", "born_year"), ("tokens", "_id"), ("household", "_id"), ("merged_into",)
    ]  # fmt: skip
    visible_to = STAFF

    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    household: str = StringField(default="")
    dwelling: str = StringField(default="")
    relation: str = StringField(default="other")
    state: str = StringField(default=LIVING_HERE)
    sex: str = StringField(default="")
    born_year: int | None = IntField()
    name: str = StringField(required=True)
    identity_number: str = StringField(default="")
    phone: str = StringField(default="")
    birthday: str = StringField(default="")
    died_on: str = StringField(default="")
    needs: list[str] = ListField(StringField())
    colour: str = StringField(default="")
    merged_into: str = StringField(default="")
    merged_from: str = StringField(default="")
    listed: list[str] = ListField(StringField())
    tokens: list[str] = ListField(StringField())
    import_digest: str = StringField(default="")
    history: list[Change] = EmbeddedDocumentListField(Change)
    recorded_at: datetime = DateTimeField(required=True)

    @classmethod
    def record(
        cls, by: Principal, key: str, household: Household, relation: str, sealed: Mapping[str, str],
        facts: Mapping[str, Any], now: datetime, source: str,
    ) -> Resident:  # fmt: skip
        """Records a member of a household. `sealed`: the fields `SEALED`; `facts`: sex, born_year, tokens."""
        require_in_area(by, Permission.KEEP_RESIDENTS, household.area)
        return cls.made(by, key, household, relation, sealed, facts, now, source)

    @classmethod
    def made(
        cls, by: Principal, key: str, household: Household, relation: str, sealed: Mapping[str, str],
        facts: Mapping[str, Any], now: datetime, source: str,
    ) -> Resident:  # fmt: skip
        """See `record`; whether the caller may is decided before. Raises `HouseholdDissolved`."""
        household.require_active()
        resident = cls(id=cls.identity(by.tenant, key), tenant=by.tenant, name=sealed["name"], recorded_at=now)
        resident._live_in(household, relation)
        for name, value in {**sealed, **facts}.items():
            setattr(resident, name, value)
        resident._note("recorded", "", source, by.subject, now, source)
        resident._tell(*(name for name in SEALED if sealed[name]))
        return resident

    def correct(
        self, by: Principal, sealed: Mapping[str, str], facts: Mapping[str, Any], now: datetime, source: str, why: str
    ) -> None:
        """Replaces the given fields; the history keeps what they were. `why` is sealed."""
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        self.rectify(by.subject, sealed, facts, now, source, why)

    def rectify(
        self, by: str, sealed: Mapping[str, str], facts: Mapping[str, Any], now: datetime, source: str, why: str = ""
    ) -> None:
        """See `correct`; whether they may is decided before."""
        self.require_current()
        for name, value in sealed.items():
            self._note(name, getattr(self, name), value, by, now, source, why)
            setattr(self, name, value)
        if "sex" in facts and facts["sex"] != self.sex:
            self._note("sex", self.sex, facts["sex"], by, now, source, why)
        for name, value in facts.items():
            setattr(self, name, value)
        self._tell(*sealed)

    def move_in(
        self,
        by: Principal,
        household: Household,
        relation: str,
        tokens: list[str],
        now: datetime,
        source: str,
        why: str,
    ) -> None:
        """Joins another household, also after moving away. By whoever keeps the records of where they move to."""
        require_in_area(by, Permission.KEEP_RESIDENTS, household.area)
        household.require_active()
        if self.state not in (LIVING_HERE, MOVED_OUT):
            raise NotLivingHere(state=self.state)
        self._note("household", self.household, household.key, by.subject, now, source, why)
        self.state, self.tokens = LIVING_HERE, tokens
        self._live_in(household, relation)
        self._tell("household")

    def move_out(self, by: Principal, now: datetime, source: str, why: str) -> None:
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        self.require_living_here()
        self._leave(MOVED_OUT, by.subject, now, source, why)

    def die(self, by: Principal, on: date, today: date, sealed: str, now: datetime, source: str) -> None:
        """`today`: where they lived; `sealed`: the day, sealed."""
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        self.require_living_here()
        if on > today:
            raise Invalid(("on", "it lies in the future", "不得晚于今天"))
        self.died_on = sealed
        self._leave(DECEASED, by.subject, now, source, "")

    def merge_into(self, by: Principal, into: Resident, now: datetime, why: str) -> None:
        """Two records are of one person: this one is a door to `into` until they are separated again."""
        require_in_area(by, Permission.MERGE_RESIDENTS, self.area)
        if into.key == self.key or into.state == MERGED:
            raise CannotMerge()
        self.require_current()
        self._note("merged_into", "", into.key, by.subject, now, "", why)
        self.merged_into, self.merged_from, self.state = into.key, self.state, MERGED
        self._list()
        self._tell()

    def unmerge(self, by: Principal, now: datetime) -> None:
        require_in_area(by, Permission.MERGE_RESIDENTS, self.area)
        if self.state != MERGED:
            raise NotMerged()
        self._separate(by.subject, now)

    def break_circle(self, by: str, now: datetime) -> None:
        """Two records were merged into each other at the same moment: this one stays."""
        self._separate(by, now)

    def is_apart_from(self, household: Household) -> bool:
        """Returns whether the household moved, or its place did, or its colour changed, and this member did not yet."""
        wanted = household.area, household.dwelling, household.colour
        return (self.area, self.dwelling, self.colour) != wanted

    def follow(self, household: Household, tokens: list[str]) -> None:
        """Lives where its household lives. `tokens`: those of that place."""
        moved = (self.area, self.dwelling) != (household.area, household.dwelling)
        self.tokens = tokens
        self._live_in(household, self.relation)
        if moved:
            self._tell("dwelling")

    def follow_grid(self, area: str, tokens: list[str]) -> None:
        """Belongs to no household; the grid where they lived was merged into another."""
        self.area, self.codes, self.tokens = area, codes_of(area), tokens
        self._tell()

    def need_now(self, needs: list[str]) -> None:
        """`needs`: the classes of its open needs, by which lists find the person."""
        if needs != self.needs:
            self.needs = needs
            self._list()

    def join(self, household: Household, tokens: list[str], by: str, now: datetime) -> None:
        """Moves with those who split off from a household."""
        if self.household != household.key and self.state == LIVING_HERE:
            self._note("household", self.household, household.key, by, now, "", "")
            self.tokens = tokens
            self._live_in(household, "other")
            self._tell("household")

    def require_living_here(self) -> None:
        if self.state != LIVING_HERE:
            raise NotLivingHere(state=self.state)

    def require_current(self) -> None:
        if self.state == MERGED:
            raise NotLivingHere(state=self.state)

    def state_event(self) -> ResidentChanged:
        return self._changed()

    def _changed(self, *fields: str) -> ResidentChanged:
        return ResidentChanged(
            id=self.key, household=self.household, area=self.area, state=self.state, merged_into=self.merged_into,
            fields=list(fields),
        )  # fmt: skip

    def _tell(self, *fields: str) -> None:
        self.emit(self._changed(*fields))

    def _separate(self, by: str, now: datetime) -> None:
        self._note("merged_into", self.merged_into, "", by, now)
        self.state, self.merged_into, self.merged_from = self.merged_from, "", ""
        self._list()
        self._tell()

    def _leave(self, state: str, by: str, now: datetime, source: str, why: str) -> None:
        self._note("state", self.state, state, by, now, source, why)
        self._note("household", self.household, "", by, now, source, why)
        self.state, self.household, self.dwelling, self.relation = state, "", "", "other"
        self._list()
        self._tell("household")

    def _live_in(self, household: Household, relation: str) -> None:
        self.household, self.relation, self.dwelling = household.key, relation, household.dwelling
        self.area, self.codes, self.colour = household.area, codes_of(household.area), household.colour
        self._list()

    def _list(self) -> None:
        marks = ["", *(f"/need:{need}" for need in self.needs), *([f"/colour:{self.colour}"] if self.colour else [])]
        here = self.state == LIVING_HERE
        self.listed = [code + mark for code in self.codes for mark in marks] if here else []

    def _note(self, field: str, was: str, became: str, by: str, now: datetime, source: str = "", why: str = "") -> None:
        self.history.append(Change(field=field, was=was, became=became, at=now, by=by, source=source, why=why))


def home_of(resident: Resident) -> str:
    """Returns the household to which somebody belongs; "" for whoever has left it or whose record is merged."""
    return resident.household if resident.state == LIVING_HERE else ""


def members_of(household: str) -> dict[str, Any]:
    """Returns the condition for those whose `home_of` it is."""
    return {"household": household, "state": LIVING_HERE}
