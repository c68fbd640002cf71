"""The events of the second tree: each carries the full public state."""

from __future__ import annotations

from typing import ClassVar

from chassis.messaging.envelope import Event
from services.org.api.party import PartyOrganisationState


class PartyOrganisationChanged(PartyOrganisationState, Event, frozen=True, kw_only=True):
    """An organisation of the second tree, at its place. Never who belongs to it."""

    type: ClassVar[str] = "org.party_organisation.changed.v1"
