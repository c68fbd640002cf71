"""Events of the categories of residents. Statutory management (管理型) has none."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class CategoryChanged(Event, frozen=True, kw_only=True):
    """Neither whose it is nor its name is in it: the two together say what somebody needs."""

    type: ClassVar[str] = "residents.category.changed.v1"
    id: str
    area: str
    kind: str
    state: str
