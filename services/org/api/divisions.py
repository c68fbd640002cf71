"""API structs of divisions: the administrative tree from the tenant's root down to communities."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chassis.types import Form, Line, Page, Path, Word, require_each_line_once
from services.org.api.types import Geometry, RoughOutline

_Cell = Annotated[str, msgspec.Meta(max_length=1000)]


class DivisionRow(Form, frozen=True, kw_only=True):
    """A row of an import, loosely typed so that an invalid row is rejected alone.

    `line`: the line in the imported file, from 1. `tier`: one of `DIVISION_TIERS`.
    """

    line: Line
    code: _Cell
    parent: _Cell
    tier: _Cell
    name: _Cell


class DivisionRows(Form, frozen=True, kw_only=True):
    rows: Annotated[list[DivisionRow], msgspec.Meta(min_length=1, max_length=500)]

    def __post_init__(self) -> None:
        require_each_line_once(self.rows)


class Outline(Form, frozen=True, kw_only=True):
    outline: Geometry


class ListDivisions(Page, frozen=True, kw_only=True):
    """The divisions directly below `parent`, or the root if it is empty."""

    parent: Annotated[Word, msgspec.Meta(description="The code of a division; empty for the root.")] = ""


class DivisionState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of a division: the data of its event. `rough_outline`: see `RoughOutline`."""

    code: str
    parent: str
    tier: str
    name: str
    path: str
    outline: dict[str, Any] | None
    rough_outline: RoughOutline


class ListedDivision(DivisionState, frozen=True, kw_only=True):
    id: str
    path: Path
    outline: Geometry | None
    version: int
