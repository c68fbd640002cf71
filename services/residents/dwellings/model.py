"""Aggregate of a dwelling (房): where households live, in a grid and perhaps in a building."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import ListField, StringField

from chassis.envelope import STAFF
from chassis.errors import Refused
from chassis.security.principal import Principal, codes_of
from services.residents.dwellings.events import DwellingChanged
from services.residents.placed import Placed
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

IN_USE, GONE = "IN_USE", "GONE"


class DwellingGone(Refused):
    code = "dwelling.gone"
    en = "This dwelling does not exist any more. Choose the dwelling where they live now."
    zh = "该房屋已注销，请选择现居住的房屋。"


class LivedIn(Refused):
    code = "dwelling.lived_in"
    en = "{number} households still live here. Move them out first."
    zh = "该房屋内仍有 {number} 户居住，请先办理迁出。"


class RecordedElsewhere(Refused):
    """The door of a building in several grids is in another one."""

    code = "dwelling.recorded_elsewhere"
    en = "This door of the building is recorded in another grid. Ask the community of the building."
    zh = "该楼栋的此户已登记在其他网格，请联系所在社区。"


class Dwelling(Placed):
    """Its key is made from place and door, so that a dwelling is recorded once. `door` is sealed."""

    meta: ClassVar[dict[str, Any]] = {"collection": "dwellings"}
    has_natural_key = True
    indexes: ClassVar[list[tuple[str, ...]]] = [("codes", "_id"), ("building", "_id")]
    visible_to = STAFF

    area: str = StringField(required=True)
    codes: list[str] = ListField(StringField())
    estate: str = StringField(default="")
    building: str = StringField(default="")
    door: str = StringField(required=True)
    kind: str = StringField(required=True)
    state: str = StringField(default=IN_USE)

    @classmethod
    def at(cls, tenant: str, key: str, area: str) -> Dwelling:
        """Returns one that nobody has recorded yet."""
        dwelling = cls(id=cls.identity(tenant, key), tenant=tenant)
        dwelling._set_area(area)
        return dwelling

    def record(self, by: Principal, *, estate: str, building: str, door: str, kind: str) -> None:
        """Records it. Once it is, the same door is the same dwelling, which is in use again if it was gone."""
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        if not self.door or self.state == GONE:
            self.describe(estate=estate, building=building, door=door, kind=kind)

    def describe(self, *, estate: str, building: str, door: str, kind: str = "home") -> None:
        self.estate, self.building, self.door, self.kind, self.state = estate, building, door, kind, IN_USE
        self.emit(self.state_event())

    def remove(self, by: Principal, households: int) -> None:
        """Demolished, or joined with another. `households`: how many live there."""
        require_in_area(by, Permission.KEEP_RESIDENTS, self.area)
        self.require_in_use()
        if households:
            raise LivedIn(number=households)
        self.state = GONE
        self.emit(self.state_event())

    def require_in_use(self) -> None:
        if self.state != IN_USE:
            raise DwellingGone()

    def receive(self) -> None:
        """A household lives here, so it is not gone: somebody removed it while they moved in."""
        if self.state == GONE:
            self.state = IN_USE
            self.emit(self.state_event())

    def follow(self, area: str) -> None:
        """Its grid was merged into another."""
        if area != self.area:
            self._set_area(area)
            self.emit(self.state_event())

    def state_event(self) -> DwellingChanged:
        return DwellingChanged(
            id=self.key, area=self.area, estate=self.estate, building=self.building, kind=self.kind, state=self.state
        )

    def _set_area(self, area: str) -> None:
        self.area, self.codes = area, codes_of(area)
