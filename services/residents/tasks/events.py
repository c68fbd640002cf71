"""Events of tasks of a form."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from chassis.types import Moment


class FormGiven(Event, frozen=True, kw_only=True):
    """A form was given to an area: each grid in it gets a task, unless it has an open one."""

    type: ClassVar[str] = "residents.form.given.v1"
    form: str
    area: str
    due: Moment


class TaskGiven(Event, frozen=True, kw_only=True):
    """`area`: the grid whose workers answer."""

    type: ClassVar[str] = "residents.task.given.v1"
    form: str
    area: str
    due: Moment


class TaskMoved(Event, frozen=True, kw_only=True):
    """Its grid was merged. `area`: the one that replaced it."""

    type: ClassVar[str] = "residents.task.moved.v1"
    form: str
    area: str


class TaskLate(Event, frozen=True, kw_only=True):
    """It is open after it was due."""

    type: ClassVar[str] = "residents.task.late.v1"
    form: str
    area: str


class TaskEnded(Event, frozen=True, kw_only=True):
    """`state`: done or withdrawn."""

    type: ClassVar[str] = "residents.task.ended.v1"
    form: str
    area: str
    state: str
