"""API structs of the party tree: party organisations and social work units."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import AnyText, Form, Id, Page, Title, Word
from services.org.api.types import OwnPath


class OrganisationPlan(Form, frozen=True, kw_only=True):
    """An organisation to open. `place`: the code of a division or grid, or the id of a building. `parent`: an id."""

    kind: Annotated[AnyText, msgspec.Meta(max_length=40)]
    name: Title
    place: Id
    parent: Id = ""


class ListPartyOrganisations(Page, frozen=True, kw_only=True):
    """The organisations directly below `parent`, or the top-level ones if it is empty."""

    parent: Annotated[Word, msgspec.Meta(description="The id of an organisation; empty for the top ones.")] = ""


class PartyOrganisationState(msgspec.Struct, frozen=True, kw_only=True):
    """The public state of an organisation: the data of its event."""

    id: str
    kind: str
    name: str
    parent: str
    path: str
    building: str
    active: bool


class ListedPartyOrganisation(PartyOrganisationState, frozen=True, kw_only=True):
    path: OwnPath
    version: int
