"""Units: departments and the like. A street, community or centre is a division, and its code is its unit id."""

from __future__ import annotations

import re
from typing import ClassVar

from mongoengine import BooleanField, StringField

from chassis.errors import Fault, Invalid, Refused, one_of
from chassis.messaging.envelope import ADMINISTRATORS
from chassis.persistence.aggregate import Aggregate
from services.org.posts.events import UnitChanged

KINDS = {"department": "部门", "institution": "事业单位", "enterprise": "公用企业"}

# A letter first, so that a unit id is never taken for a division code.
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,47}")


class UnitClosed(Refused):
    code = "unit.closed"
    en = "The unit {unit} is closed; choose one that is open."
    zh = "单位 {unit} 已撤销,请选择在用的单位。"


class Unit(Aggregate):
    """Whoever can lead a case and is not a division. `path` is the area that it serves."""

    meta = {"collection": "units"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("_id",), ("kind", "_id")]
    visible_to = ADMINISTRATORS

    name: str = StringField()
    kind: str = StringField()
    path: str = StringField()
    active: bool = BooleanField(default=True)

    @classmethod
    def open(cls, tenant: str, slug: str, *, name: str, kind: str, path: str) -> Unit:
        """Raises `Invalid` for an id that is not a slug or a kind that is not known."""
        faults: list[Fault] = []
        if not _SLUG.fullmatch(slug):
            faults.append(
                (
                    "id",
                    "lower-case letters, digits and hyphens, 2 to 48, a letter first",
                    "须为 2 至 48 位小写字母、数字和连字符,以字母开头",
                )
            )
        if kind not in KINDS:
            faults.append(one_of("kind", KINDS))
        if faults:
            raise Invalid(*faults)
        unit = cls(id=cls.identity(tenant, slug), tenant=tenant, name=name, kind=kind, path=path)
        unit.emit(unit.state_event())
        return unit

    def rename(self, name: str) -> None:
        self.name = name
        self.emit(self.state_event())

    def close(self) -> None:
        """No new post or list entry may name it; what names it already stays as it is."""
        self.require_open()
        self.active = False
        self.emit(self.state_event())

    def require_open(self) -> None:
        if not self.active:
            raise UnitClosed(unit=self.key)

    def serves(self, area: str) -> bool:
        """True when `area` lies in the area that it serves."""
        return area.startswith(self.path)

    def event_area(self) -> str:
        return self.path

    def event_units(self) -> list[str]:
        return [self.key]

    def state_event(self) -> UnitChanged:
        return UnitChanged(id=self.key, name=self.name, kind=self.kind, path=self.path, active=self.active)
