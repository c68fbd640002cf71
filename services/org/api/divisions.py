"""Shapes of divisions: the administrative tree from the tenant's root down to communities."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chassis.types import Form, Page, Path, Word
from services.org.api.types import Geometry

_Cell = Annotated[str, msgspec.Meta(max_length=1000)]


class DivisionRow(Form, frozen=True, kw_only=True):
    """One row of an import. Loose on purpose: a broken row is rejected by itself and the rest goes on.

    `line` counts from 1 in the imported file. `tier` is one of `DIVISION_TIERS`.
    """

    line: int
    code: _Cell
    parent: _Cell
    tier: _Cell
    name: _Cell


class DivisionRows(Form, frozen=True, kw_only=True):
    rows: Annotated[list[DivisionRow], msgspec.Meta(min_length=1, max_length=500)]


class Outline(Form, frozen=True, kw_only=True):
    outline: Geometry


class ListDivisions(Page, frozen=True, kw_only=True):
    """What lies directly below `parent`; the root itself without one."""

    parent: Word = ""


class DivisionState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of a division."""

    code: str
    parent: str
    tier: str
    name: str
    path: str
    outline: dict[str, Any] | None


class ListedDivision(DivisionState, frozen=True, kw_only=True):
    id: str
    path: Path
    version: int
