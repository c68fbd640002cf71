"""Shared kernel of API shapes: the base of every form and answer, and the types that their fields are made of.

A service declares its shapes in `services/<name>/api/` from these; the service and the gateway both import them, so
that no bound can differ.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeAlias, TypeVar

import msgspec

from chassis.errors import Invalid

NOT_BLANK = r"\S"
"""The pattern of a text that says something: a name, a title."""

R = TypeVar("R")


def exactly(pattern: str) -> str:
    """The whole text has this form. Python's `$` alone lets a line end pass behind it."""
    return rf"^{pattern}$(?!\n)"


Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=exactly("[A-Za-z0-9_.:-]+"))]
Word = Annotated[str, msgspec.Meta(max_length=64)]
Title = Annotated[str, msgspec.Meta(max_length=80, pattern=NOT_BLANK)]
Note = Annotated[str, msgspec.Meta(max_length=500, pattern=NOT_BLANK)]
NoteIfAny = Annotated[str, msgspec.Meta(max_length=500)]
Text = Annotated[str, msgspec.Meta(max_length=2000, pattern=NOT_BLANK)]
TextIfAny = Annotated[str, msgspec.Meta(max_length=2000)]
Prose = Annotated[str, msgspec.Meta(max_length=4000, pattern=NOT_BLANK)]
Phone = Annotated[str, msgspec.Meta(max_length=32, pattern=exactly("[0-9+() -]*"))]
Path = Annotated[
    str,
    msgspec.Meta(
        min_length=3,
        max_length=120,
        pattern=exactly("(/[0-9a-z][0-9a-z.-]*)+/"),
        description="A place in the division tree from the top, like `/1503/150303/150303001/`: the `path` of a "
        "division (`GET /v1/divisions`) or grid (`GET /v1/grids`).",
    ),
]
Moment = Annotated[datetime, msgspec.Meta(tz=True, description="With its time zone.")]
Ids = Annotated[tuple[Id, ...], msgspec.Meta(max_length=20)]
Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Number = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="Rows of a page.")]
Answer: TypeAlias = dict[str, Any]


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of what a request carries. A command or query takes at most one, whose fields are its arguments."""


class Page(Form, frozen=True, kw_only=True):
    """Base of what a list takes. `after` is `next` of the page before; the gateway seals it into a cursor."""

    limit: Limit = 50
    after: Any = None


class Point(Form, frozen=True, kw_only=True):
    """Coordinates in WGS 84 degrees: both or none."""

    lon: Lon | None = None
    lat: Lat | None = None

    def __post_init__(self) -> None:
        require_both(self.lon, self.lat)


def require_both(lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        raise Invalid(("lat", "lon and lat go together: give both or neither", "经度 lon 与纬度 lat 须同时提供"))


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of what is told of something stored. `version` is also the ETag, for If-Match."""

    id: str
    version: int


class Listed(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """A page of a list. `next` is `after` of the following page; None at the end."""

    items: list[R]
    next: Any = None


class Resync(Form, frozen=True, kw_only=True):
    """One page of a service's present state is sent to `service`. `after` is that of the answer before."""

    service: Annotated[str, msgspec.Meta(max_length=64, pattern=exactly("[a-z]+"))]
    after: Word = ""


class Resynced(msgspec.Struct, frozen=True):
    """`published` events of this page; `after` asks for the next one, "" when all is done."""

    published: int
    after: str


class RejectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row of an import that was not taken: its line, counted from 1, and why (`en`, `zh-CN`)."""

    line: int
    reason: dict[str, str]
