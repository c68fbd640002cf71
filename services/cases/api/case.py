"""Shapes of the case: what its commands and queries take and answer."""

from __future__ import annotations

from typing import Annotated

import msgspec

from chassis.errors import Invalid
from chassis.types import Form, Id, Ids, Path, Point, TextIfAny, Word
from services.cases.api.types import Category, Confidentiality


class Place(Point, frozen=True, kw_only=True):
    """`path`: the smallest division or grid known; coordinates in WGS 84 degrees."""

    path: Path
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""


class Reporter(Form, frozen=True, kw_only=True):
    """Somebody for whom staff reports: a caller, a visitor. Their phone number tells who they are."""

    name: Annotated[str, msgspec.Meta(max_length=40)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=20)] = ""


class Report(Form, frozen=True, kw_only=True):
    """`about`: the unit that it is a complaint about, which will not see it. `spans`: further areas it touches.

    It has a text or at least one photo. Without a sign-in it is always anonymous.
    """

    category: Category
    place: Place
    text: TextIfAny = ""
    photos: Ids = ()
    spans: Annotated[tuple[Path, ...], msgspec.Meta(max_length=10)] = ()
    confidentiality: Confidentiality = "named"
    reporter: Reporter | None = None
    about: Word = ""
    resolution: Annotated[Word, msgspec.Meta(description="The council resolution that it carries out.")] = ""

    def __post_init__(self) -> None:
        if not self.text.strip() and not self.photos:
            raise Invalid(("text", "a report has a text or at least one photo", "上报须有文字或至少一张照片"))


class Handler(Form, frozen=True, kw_only=True):
    """Who is to handle it: the subject of somebody who holds a post of the unit."""

    handler: Id


class Reported(msgspec.Struct, frozen=True, kw_only=True):
    """`code`: with the id it follows the report without a sign-in. `urged`: only where the same person's same matter
    was open already; `id` is then that of the open case, and false says that it had been urged within the last day.
    Staff who may not see that case get neither its id nor a code.
    """

    id: str = ""
    code: str = ""
    state: str = ""
    version: int | None = None
    urged: bool | None = None
