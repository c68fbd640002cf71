"""Event of submissions: ids and the state, never what somebody answered."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event


class SubmissionChanged(Event, frozen=True, kw_only=True):
    """A submission was received, waits for an earlier one, contradicts what is held, was written back or dropped."""

    type: ClassVar[str] = "residents.submission.changed.v1"
    task: str
    area: str
    state: str
