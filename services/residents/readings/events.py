"""Events of alerts of unusual reading: ids and the code of the rule alone."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class ReadingAlertChanged(Event, frozen=True, kw_only=True):
    """`reader`: who read; `rule`: why it is unusual."""

    type: ClassVar[str] = "residents.reading_alert.changed.v1"
    id: str
    reader: str
    rule: str
    state: str
