"""Events of the field dictionary."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from services.residents.api.dictionary import FieldState


class FieldChanged(FieldState, Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "residents.field.changed.v1"
