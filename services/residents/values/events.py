"""Events of values: ids and codes of fields, never values."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class ValuesConfirmed(Event, frozen=True, kw_only=True):
    """An answer of a task was written back. `changed`: fields with another value than before; `confirmed`: the rest."""

    type: ClassVar[str] = "residents.values.confirmed.v1"
    about: str
    subject: str
    area: str
    task: str
    form: str
    changed: list[str]
    confirmed: list[str]
