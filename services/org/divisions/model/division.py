"""Aggregate of divisions: the administrative tree from the tenant's root down to communities and villages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Any, ClassVar

from mongoengine import DictField, ListField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Fault, Invalid, spoken_fault
from chassis.security.principal import codes_of, path_of
from chassis.types import LONGEST_PATH, UNSHOWN, is_blank
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.divisions import DivisionRow
from services.org.divisions.events import DivisionChanged
from services.org.divisions.model import geometry
from services.org.divisions.model.codes import check_division
from services.org.divisions.model.geometry import Outlined
from vocabulary.tiers import DIVISION_TIERS, Tier

_LONGEST_NAME = 80


class Division(VisibleToTenant):
    """A division; its key is its code. `outline`: GeoJSON, if known. `squares`, `rough_outline`: see `geometry`."""

    meta: ClassVar[dict[str, Any]] = {"collection": "divisions"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("parent", "_id"), ("squares",)]
    visible_to = ADMINISTRATORS

    parent: str = StringField(default="")
    tier: str = StringField(required=True)
    name: str = StringField(required=True)
    path: str = StringField(required=True)
    outline: dict[str, Any] | None = DictField(null=True, default=None)
    squares: list[str] = ListField(StringField())
    rough_outline: list[list[list[float]]] = ListField()

    @classmethod
    def open(cls, tenant: str, row: DivisionRow, parent: Division | None) -> Division:
        """Opens a division. `parent` is None only for the tenant's root. Raises `Invalid`."""
        check_division(row.code, row.tier, parent.key if parent else "", parent.root if parent else row.code)
        if parent and DIVISION_TIERS.index(row.tier) <= DIVISION_TIERS.index(parent.tier):
            raise Invalid(
                (
                    "tier",
                    f"a {Tier(row.tier).en} cannot lie in a {Tier(parent.tier).en}",
                    f"{Tier(row.tier).zh}不能位于{Tier(parent.tier).zh}之下",
                )
            )
        _check_name(row.name)
        division = cls(id=cls.identity(tenant, row.code), tenant=tenant, tier=row.tier, name=row.name)
        division.parent = parent.key if parent else ""
        division.path = path_below(parent.path if parent else "/", row.code)
        division.emit(division.state_event())
        return division

    @property
    def root(self) -> str:
        """The code of the root of the tree."""
        return codes_of(self.path)[0]

    def apply_import(self, row: DivisionRow) -> bool:
        """Applies a later import of the same code; returns whether anything changed.

        Only the name may change. Another parent would move every grid, post and case below, which an import must not
        do. Raises `Invalid`.
        """
        if row.tier != self.tier or (self.parent and row.parent != self.parent):
            raise Invalid(self._cannot_move())
        if row.name == self.name:
            return False
        _check_name(row.name)
        self.name = row.name
        self.emit(self.state_event())
        return True

    def _cannot_move(self) -> Fault:
        tier = Tier(self.tier)
        en = f"a {tier.en} of {{parent:place}}" if self.parent else f"the root, a {tier.en}"
        zh = f"{{parent:place}}下的{tier.zh}" if self.parent else f"最上级区划（{tier.zh}）"
        told = f"{{place:place}} is {en} and cannot be moved", f"{{place:place}}是{zh}，不能移动"
        return spoken_fault("parent", *told, place=self.key, parent=self.parent)

    def draw(self, outline: dict[str, Any], around: Outlined | None = None, inside: Iterable[Outlined] = ()) -> None:
        """Sets the outline, a GeoJSON Polygon or MultiPolygon, in that of the place around, and around those inside.

        Raises `Invalid`.
        """
        area = geometry.polygon(outline, "outline")
        geometry.require_within(area, around, "outline")
        geometry.require_around(area, inside, "outline")
        self.outline, self.squares, self.rough_outline = outline, geometry.squares_over(area), geometry.rough(area)
        self.emit(self.state_event())

    def event_area(self) -> str:
        return self.path

    def state_event(self) -> DivisionChanged:
        return DivisionChanged(
            code=self.key,
            parent=self.parent,
            tier=self.tier,
            name=self.name,
            path=self.path,
            outline=self.outline or None,
            rough_outline=geometry.rough_outline_of(self.rough_outline, self.outline),
        )


def path_below(above: str, code: str) -> str:
    """Returns the path of the place with this code below `above`. Raises `Invalid` if it is too long to be named."""
    path = above + path_of(code)[1:]
    if len(path) > LONGEST_PATH:
        raise Invalid(
            (
                "code",
                f"its path has more than {LONGEST_PATH} characters; use shorter codes",
                f"路径超过 {LONGEST_PATH} 个字符，请使用更短的代码",
            )
        )
    return path


def _check_name(name: str) -> None:
    if is_blank(name) or len(name) > _LONGEST_NAME:
        raise Invalid(("name", f"must have 1 to {_LONGEST_NAME} characters", f"须为 1 至 {_LONGEST_NAME} 个字符"))
    if UNSHOWN.search(name) or any(unicodedata.category(character) == "Cc" for character in name):
        raise Invalid(("name", "must not contain control characters", "不得含有控制字符"))
