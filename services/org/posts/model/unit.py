"""Aggregate of units: departments, institutions and enterprises.

A street, community or centre is a division instead, and its code serves as its unit id.
"""

from __future__ import annotations

import re
from typing import ClassVar

from mongoengine import BooleanField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Invalid, Refused, one_of
from chassis.usecases.visibility import VisibleToTenant
from services.org.posts.events import UnitChanged

KINDS = {"department": "部门", "institution": "事业单位", "enterprise": "公用企业"}

# The first letter distinguishes a unit id from a division code.
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,47}")


class UnitClosed(Refused):
    code = "unit.closed"
    en = "The unit {name:verbatim} is closed; choose one that is open."
    zh = "单位{name:verbatim}已撤销，请选择在用的单位。"


class Unit(VisibleToTenant):
    """A unit that can lead a case and is not a division. `path`: the area that it serves."""

    meta = {"collection": "units"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("_id",), ("kind", "_id")]
    visible_to = ADMINISTRATORS
    has_natural_key = True

    name: str = StringField(required=True)
    kind: str = StringField(required=True)
    path: str = StringField(required=True)
    active: bool = BooleanField(default=True)

    @classmethod
    def open(cls, tenant: str, slug: str, *, name: str, kind: str, path: str) -> Unit:
        """Opens a unit. Raises `Invalid` for an id that is not a slug, or an unknown kind."""
        faults: list[Fault] = []
        if not _SLUG.fullmatch(slug):
            faults.append(
                (
                    "id",
                    "must be 2 to 48 lower-case letters, digits and hyphens, starting with a letter",
                    "须为 2 至 48 位小写字母、数字或连字符，以字母开头",
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
        """Closes the unit: no new post or list entry may name it; existing ones stay. Raises `UnitClosed`."""
        self.require_open()
        self.active = False
        self.emit(self.state_event())

    def require_open(self) -> None:
        if not self.active:
            raise UnitClosed(unit=self.key, name=self.name)

    def serves(self, area: str) -> bool:
        return area.startswith(self.path)

    def event_area(self) -> str:
        return self.path

    def event_units(self) -> list[str]:
        return [self.key]

    def state_event(self) -> UnitChanged:
        return UnitChanged(id=self.key, name=self.name, kind=self.kind, path=self.path, active=self.active)
