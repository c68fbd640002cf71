"""Events of the party tree. Each carries the full public state."""

from __future__ import annotations

from typing import ClassVar

from chassis.envelope import Event
from services.org.api.party import PartyOrganisationState


class PartyOrganisationChanged(PartyOrganisationState, Event, frozen=True, kw_only=True):
    """A party organisation or social work unit at its place; never its members."""

    type: ClassVar[str] = "org.party_organisation.changed.v1"
