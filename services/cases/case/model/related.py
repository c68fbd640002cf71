"""Base of the aggregates beside the case whose events are about it: they reach whom the events of the case reach."""

from __future__ import annotations

from typing import Any, ClassVar

from mongoengine import ListField, StringField

from chassis.envelope import STAFF, Event, Visibility
from chassis.usecases.visibility import Visible


class CaseRelated(Visible):
    """Fields as in `Reach`, of the case as it was when the record was made."""

    meta: ClassVar[dict[str, Any]] = {"abstract": True, "strict": False}

    case: str = StringField(default="")
    area: str = StringField(default="")
    units: list[str] = ListField(StringField())
    about: str = StringField(default="")

    def event_area(self) -> str:
        return self.area

    def event_units(self) -> list[str]:
        return list(self.units)

    def event_visibility(self, event: Event) -> Visibility:
        return Visibility(audience=STAFF.audience, excluded=self.about)
