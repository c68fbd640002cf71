"""Aggregate of grids: general, base and micro-grids (总/基础/微网格), in the main or a dedicated inventory."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from mongoengine import DictField, ListField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Invalid, Refused, spoken_fault
from chassis.security.principal import codes_of
from chassis.sentences import plain
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.grids import MAIN, GridPlan, Level
from services.org.divisions.model import geometry
from services.org.divisions.model.codes import check_grid, is_national
from services.org.divisions.model.division import Division, path_below
from services.org.divisions.model.geometry import Outlined
from services.org.grids.events import GridChanged
from vocabulary.tiers import Tier

LEVELS: tuple[Level, ...] = ("micro", "base", "general")
"""Smallest first: the order in which a lookup by point returns them."""

_NAMES: dict[Level, str] = {"general": "总网格", "base": "基础网格", "micro": "微网格"}
_TIERS = {"general": Tier.GRID, "base": Tier.GRID, "micro": Tier.MICRO_GRID}


class GridRetired(Refused):
    code = "grid.retired"
    en = "{grid:place} was merged into {into:place}; use that one."
    zh = "{grid:place}已并入{into:place}，请使用并入后的网格。"


class HasMicroGrids(Refused):
    code = "grid.has_micro_grids"
    en = "{grid:place} still has micro-grids; merge them in the same plan."
    zh = "{grid:place}下仍有微网格，请在同一方案中一并整合。"


class Grid(VisibleToTenant):
    """A grid; its key is its code. `merge`: the grid merge that opened or retired it."""

    meta: ClassVar[dict[str, Any]] = {"collection": "grids"}
    indexes: ClassVar[list[tuple[str, ...]]] = [
        ("inventory", "level", "_id"),
        ("parent", "state", "_id"),
        ("squares", "inventory"),
    ]
    visible_to = ADMINISTRATORS
    has_natural_key = True

    name: str = StringField(required=True)
    level: Level = StringField(required=True)
    inventory: str = StringField(default=MAIN)
    parent: str = StringField(required=True)
    path: str = StringField(required=True)
    covers: list[str] = ListField(StringField())
    geometry: dict[str, Any] | None = DictField(null=True, default=None)
    squares: list[str] = ListField(StringField())
    rough_outline: list[list[list[float]]] = ListField()
    state: str = StringField(default="active")
    merged_into: str = StringField(default="")
    merge: str = StringField(default="")

    @classmethod
    def open(
        cls,
        tenant: str,
        plan: GridPlan,
        above: Division | Grid,
        merge: str = "",
        around: Outlined | None = None,
    ) -> Grid:
        """Opens a grid. `above`: the place that `plan.above` names; `around`: the smallest outline it lies in.

        Raises `Invalid`, `GridRetired`.
        """
        _check_place(plan, above)
        check_grid(plan.code, plan.inventory, plan.level, above.key, codes_of(above.path)[0])
        grid = cls(id=cls.identity(tenant, plan.code), tenant=tenant, merge=merge, parent=above.key)
        for field in ("name", "level", "inventory", "covers"):
            setattr(grid, field, getattr(plan, field))
        grid.path = path_below(above.path, plan.code)
        if plan.geometry is not None:
            grid._set_geometry(plan.geometry, around)
        grid.emit(grid.state_event())
        return grid

    @property
    def tier(self) -> str:
        return _TIERS[self.level]

    def revise(
        self,
        name: str,
        boundary: dict[str, Any] | None,
        around: Outlined | None = None,
        inside: Iterable[Outlined] = (),
    ) -> None:
        """Sets the name, and the boundary if given. Raises `Invalid` that says what is wrong with it, `GridRetired`."""
        self.require_active()
        self.name = name
        if boundary is not None:
            self._set_geometry(boundary, around, inside)
        self.emit(self.state_event())

    def retire(self, into: str, merge: str, micro_grids: int = 0) -> bool:
        """Retires the grid in favour of `into`; it is kept for its history.

        `micro_grids`: the number of active micro-grids in it. Returns False if this merge has retired it already.
        Raises `GridRetired`, `HasMicroGrids`.
        """
        if (self.merged_into, self.merge) == (into, merge):
            return False
        self.require_active()
        if micro_grids:
            raise HasMicroGrids(grid=self.key)
        self.state, self.merged_into, self.merge = "retired", into, merge
        self.squares = []
        self.emit(self.state_event())
        return True

    def require_active(self) -> None:
        if self.state == "retired":
            raise GridRetired(grid=self.key, into=self.merged_into)

    def event_area(self) -> str:
        return self.path

    def state_event(self) -> GridChanged:
        return GridChanged(
            code=self.key,
            inventory=self.inventory,
            level=self.level,
            tier=self.tier,
            name=self.name,
            parent=self.parent,
            path=self.path,
            covers=list(self.covers),
            geometry=self.geometry or None,
            state=self.state,
            merged_into=self.merged_into,
            merge=self.merge,
            rough_outline=geometry.rough_outline_of(self.rough_outline, self.geometry),
        )

    def _set_geometry(self, geojson: dict[str, Any], around: Outlined | None, inside: Iterable[Outlined] = ()) -> None:
        area = geometry.polygon(geojson)
        geometry.require_within(area, around)
        geometry.require_around(area, inside)
        self.geometry, self.squares, self.rough_outline = geojson, geometry.squares_over(area), geometry.rough(area)


def _check_place(plan: GridPlan, above: Division | Grid) -> None:
    expected = {"general": Tier.STREET, "base": Tier.COMMUNITY, "micro": Tier.GRID}[plan.level]
    if above.tier != expected or (isinstance(above, Grid) and above.level != "base"):
        place_en, place_zh = ("base grid", _NAMES["base"]) if expected == "grid" else (expected.en, expected.zh)
        raise Invalid(
            ("above", f"a {plain(plan.level)} grid must lie in a {place_en}", f"{_NAMES[plan.level]}须位于{place_zh}")
        )
    if isinstance(above, Grid):
        above.require_active()
        if above.inventory != plan.inventory:
            raise Invalid(
                spoken_fault(
                    "inventory",
                    "must be {inventory:verbatim}, the inventory of its base grid",
                    "须与其基础网格一致，填{inventory:verbatim}",
                    inventory=above.inventory,
                )
            )
    if (plan.level == "general") != bool(plan.covers):
        raise Invalid(
            (
                "covers",
                "only a general grid lists what it covers, and it must",
                "总网格须列明所覆盖的区域，其他网格不得填写",
            )
        )
    if is_national(codes_of(above.path)[0]) and any(not code.startswith(above.key) for code in plan.covers):
        told = "every community must lie in {above:place}", "各社区须位于{above:place}"
        raise Invalid(spoken_fault("covers", *told, above=above.key))
