"""The event of a party organisation."""

from __future__ import annotations

from typing import ClassVar

from chassis.messaging.envelope import Event


class PartyOrganisationChanged(Event, frozen=True, kw_only=True):
    """An organisation of the second tree, at its place. Never who belongs to it."""

    type: ClassVar[str] = "org.party_organisation.changed.v1"
    id: str
    kind: str
    name: str
    parent: str
    path: str
    building: str
    active: bool
