"""Shapes of the file of a new city. Codes of divisions, ids of units and logins are texts, whatever they look like."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chassis.types import Form, Tenant, Title, exactly
from services.org.api.posts import PostKind, UnitKind
from services.org.api.users import Login
from vocabulary.fields import CategoryCode
from vocabulary.tiers import Tier

LEVEL_TIERS = (Tier.CITY, Tier.COUNTY, Tier.STREET, Tier.COMMUNITY, Tier.GRID, Tier.MICRO_GRID)
"""From the top down. The last two are grids, below a community."""
_Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class Place(Form, frozen=True, kw_only=True):
    """A division, or a grid on the lowest levels, with the places in it."""

    code: _Code
    name: Title
    divisions: list[Place] = []


class Unit(Form, frozen=True, kw_only=True):
    """A unit that serves the division `area`. `leads`: the categories or groups that it leads there, by `basis`."""

    id: _Code
    name: Title
    area: _Code
    kind: UnitKind = "department"
    leads: list[CategoryCode] = []
    basis: Annotated[str, msgspec.Meta(max_length=400)] = ""


class Person(Form, frozen=True, kw_only=True):
    login: Login
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    phone: Annotated[str, msgspec.Meta(max_length=20)] = ""


class Staff(Person, frozen=True, kw_only=True):
    """A person with a post at the division `area`. `unit`: whose officer it is, for the posts of departments."""

    post: PostKind
    area: _Code
    title: Title
    duty: _Text
    unit: _Code | None = None


class Issuer(Form, frozen=True, kw_only=True):
    """An OpenID Connect issuer of the city. `administrator`: as whom it knows the administrator."""

    url: Annotated[str, msgspec.Meta(pattern=exactly(r"https?://\S+"), max_length=200)]
    audience: _Text = "linli"
    administrator: Annotated[str, msgspec.Meta(max_length=200)] = ""


class City(Form, frozen=True, kw_only=True):
    """A new city. `levels`: the names of the levels of its tree from the top, and what each is in Linli."""

    tenant: Tenant
    levels: dict[str, str]
    root: Place
    administrator: Person
    settings: dict[str, Any] = {}
    units: list[Unit] = []
    staff: list[Staff] = []
    issuer: Issuer | None = None
