"""Shapes of the second tree: party organisations and social work units."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.types import Form, Id, Page, Path, Title, Word


class OrganisationPlan(Form, frozen=True, kw_only=True):
    """`place`: the code of its division or grid, or the id of its building. `parent`: an organisation's id."""

    kind: Annotated[str, msgspec.Meta(max_length=40)]
    name: Title
    place: Id
    parent: Id = ""


class ListPartyOrganisations(Page, frozen=True, kw_only=True):
    """What belongs directly to `parent`; the tops of the tree without one."""

    parent: Word = ""


class PartyOrganisationState(msgspec.Struct, frozen=True, kw_only=True):
    """What is published of an organisation of the second tree."""

    id: str
    kind: str
    name: str
    parent: str
    path: str
    building: str
    active: bool


class ListedPartyOrganisation(PartyOrganisationState, frozen=True, kw_only=True):
    path: Path
    version: int
