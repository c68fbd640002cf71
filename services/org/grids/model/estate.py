"""Aggregates of estates (小区) and buildings (楼栋), each with its own id and a link to one or several grids."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from mongoengine import ListField, StringField

from chassis.envelope import ADMINISTRATORS
from chassis.errors import Invalid, spoken_fault
from chassis.security.principal import path_of
from chassis.usecases.visibility import VisibleToTenant
from services.org.api.grids import MAIN, BuildingPlan, EstatePlan
from services.org.divisions.model.division import Division
from services.org.grids.events import BuildingChanged, EstateChanged
from services.org.grids.model.grid import Grid
from vocabulary.tiers import Tier


class _LinkedToGrids(VisibleToTenant):
    """Base of places that lie in one or several grids."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True}
    visible_to = ADMINISTRATORS

    name: str = StringField(required=True)
    path: str = StringField(required=True)
    grids: list[str] = ListField(StringField())

    def link(self, grids: Iterable[Grid]) -> None:
        """Sets the grids that the place lies in. Raises `Invalid`, `GridRetired`."""
        self.grids = _codes(grids)
        self.emit(self.state_event())

    def follow(self, old: str, new: str) -> None:
        """Replaces a merged grid by its successor, without duplicates."""
        if old not in self.grids:
            return
        self.grids = list(dict.fromkeys(new if code == old else code for code in self.grids))
        self.emit(self.state_event())

    def event_area(self) -> str:
        return self.path

    def state_event(self) -> EstateChanged | BuildingChanged:
        raise NotImplementedError


class Estate(_LinkedToGrids):
    """A residential estate of a community."""

    meta: ClassVar[dict[str, Any]] = {"collection": "estates"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("division", "_id"), ("grids",)]

    division: str = StringField(required=True)

    @classmethod
    def open(cls, tenant: str, key: str, plan: EstatePlan, division: Division, grids: Iterable[Grid]) -> Estate:
        """Raises `Invalid`, `GridRetired`."""
        if division.tier != Tier.COMMUNITY:
            raise Invalid(("division", "must be a community", "小区须位于社区"))
        estate = cls(id=cls.identity(tenant, key), tenant=tenant, name=plan.name, division=division.key)
        estate.path = division.path + path_of(key)[1:]
        estate.grids = _codes(grids)
        estate.emit(estate.state_event())
        return estate

    def state_event(self) -> EstateChanged:
        return EstateChanged(
            id=self.key, name=self.name, division=self.division, path=self.path, grids=list(self.grids)
        )


class Building(_LinkedToGrids):
    """A building of an estate."""

    meta: ClassVar[dict[str, Any]] = {"collection": "buildings"}
    indexes: ClassVar[list[tuple[str, ...]]] = [("estate", "_id"), ("grids",)]

    estate: str = StringField(required=True)

    @classmethod
    def open(cls, tenant: str, key: str, plan: BuildingPlan, estate: Estate, grids: Iterable[Grid]) -> Building:
        """Raises `Invalid`, `GridRetired`."""
        building = cls(id=cls.identity(tenant, key), tenant=tenant, name=plan.name, estate=estate.key)
        building.path = estate.path + path_of(key)[1:]
        building.grids = _codes(grids)
        building.emit(building.state_event())
        return building

    def state_event(self) -> BuildingChanged:
        return BuildingChanged(id=self.key, estate=self.estate, name=self.name, path=self.path, grids=list(self.grids))


def _codes(grids: Iterable[Grid]) -> list[str]:
    """Returns the codes of the grids, which must be active and in the main inventory."""
    codes = []
    for grid in grids:
        grid.require_active()
        if grid.inventory != MAIN:
            raise Invalid(
                spoken_fault(
                    "grids",
                    "{grid:place} belongs to the inventory {inventory:verbatim}; use the main one",
                    "{grid:place}属于专用网格{inventory:verbatim}，请选择主网格",
                    grid=grid.key,
                    inventory=grid.inventory,
                )
            )
        codes.append(grid.key)
    return codes
