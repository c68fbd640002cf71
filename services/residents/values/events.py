"""Events of values: ids and counts, never values, nor which fields have one."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class ValuesConfirmed(Event, frozen=True, kw_only=True):
    """An answer of a task was written back.

    `submission`: of a phone, by which it came, if it did; `version`: of what is known after it, see `tasks.versions`.
    `asked`: the questions that applied; `known`: of these, whose answer was known and stayed; `first`: the task has no
    earlier answer for this subject.
    """

    type: ClassVar[str] = "residents.values.confirmed.v1"
    about: str
    subject: str
    area: str
    task: str
    form: str
    first: bool
    asked: int
    known: int
    submission: str = ""
    version: int = 0


class ValuesImported(Event, frozen=True, kw_only=True):
    """A row of a table was written. `table`: the import."""

    type: ClassVar[str] = "residents.values.imported.v1"
    about: str
    subject: str
    area: str
    table: str
