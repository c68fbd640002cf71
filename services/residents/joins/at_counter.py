"""Base of what a counter does for a person who stands there, with proof."""

from __future__ import annotations

from chassis.context import Call
from chassis.usecases.visibility import require_seen
from services.residents.people.model import Resident
from services.residents.records import ResidentsUseCases
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission


class AtCounter(ResidentsUseCases):
    def _at_counter(self, call: Call, resident: str) -> Resident:
        """Returns the record if it lies in the counter's area. Raises `NotFound`."""
        found = self.data.of(call).get(Resident, resident)
        require_seen(may(call.principal, Permission.JOIN_RESIDENTS, Resource(area=found.area)))
        return found
