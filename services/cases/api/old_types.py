"""The types of what calls bring: every text has a bound, so that nothing over-long reaches a document, and one that
must be there says something."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from chassis.errors import Invalid
from chassis.types import NOT_BLANK
from chassis.usecases.pages import NoPosition as NoPosition
from services.cases.case.model.inputs import Form
from services.cases.case.model.limits import Priority

Id = Annotated[str, msgspec.Meta(max_length=64, pattern=NOT_BLANK)]
Word = Annotated[str, msgspec.Meta(max_length=64)]
Path = Annotated[str, msgspec.Meta(min_length=3, max_length=120, pattern=r"^(/[0-9a-z][0-9a-z.-]*)+/$")]
Note = Annotated[str, msgspec.Meta(max_length=500, pattern=NOT_BLANK)]
NoteIfAny = Annotated[str, msgspec.Meta(max_length=500)]
Text = Annotated[str, msgspec.Meta(max_length=2000, pattern=NOT_BLANK)]
TextIfAny = Annotated[str, msgspec.Meta(max_length=2000)]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Number = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Ids = Annotated[tuple[Id, ...], msgspec.Meta(max_length=20)]
Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200)]
Answer = dict[str, Any]
Confidentiality = Literal["named", "confidential", "anonymous"]


def require_both(lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        raise Invalid(("lat", "lon and lat go together: give both or neither", "经度 lon 与纬度 lat 须同时提供"))


class PointForm(Form, frozen=True, kw_only=True):
    """Coordinates in WGS 84 degrees: both or none."""

    lon: Lon | None = None
    lat: Lat | None = None

    def __post_init__(self) -> None:
        require_both(self.lon, self.lat)


class PlaceForm(PointForm, frozen=True, kw_only=True):
    """`path`: the smallest division or grid known."""

    path: Path
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""


class ReporterForm(Form, frozen=True, kw_only=True):
    """Somebody for whom staff reports: a caller, a visitor. Their phone number tells who they are."""

    name: Annotated[str, msgspec.Meta(max_length=40)] = ""
    phone: Annotated[str, msgspec.Meta(max_length=20)] = ""


class ReportForm(Form, frozen=True, kw_only=True):
    """`spans`: further areas that the matter touches. `about`: the unit that it is a complaint about.

    `resolution`: the council resolution that it carries out. `photos`: ids of stored photos of one's own.
    """

    category: Id
    place: PlaceForm
    text: TextIfAny = ""
    photos: Ids = ()
    spans: Annotated[tuple[Path, ...], msgspec.Meta(max_length=10)] = ()
    confidentiality: Confidentiality = "named"
    reporter: ReporterForm | None = None
    about: Word = ""
    resolution: Word = ""

    def __post_init__(self) -> None:
        if not self.text.strip() and not self.photos:
            raise Invalid(("text", "a report has a text or at least one photo", "上报须有文字或至少一张照片"))


class RegistrationForm(Form, frozen=True, kw_only=True):
    """What is left out stays as it was reported. `nobody`: there is no party to contact or to rate."""

    category: Word = ""
    priority: Priority | None = None
    place: PlaceForm | None = None
    party: ReporterForm | None = None
    nobody: bool = False
    tier: Word = ""


class OrderForm(Form, frozen=True, kw_only=True):
    """`entry`: the list entry that says so; without it the one that holds now is found. `called`: further units."""

    lead: Id
    entry: Word = ""
    called: Annotated[tuple[Id, ...], msgspec.Meta(max_length=30)] = ()


class RequestForm(Form, frozen=True, kw_only=True):
    what: Literal["transfer", "extension", "suspension"]
    reason: Id
    party_told: bool
    note: NoteIfAny = ""
    until: Moment | None = None
    to: Word = ""
    entry: Word = ""


class ResultForm(Form, frozen=True, kw_only=True):
    outcome: Literal["solved", "explained", "planned", "unfounded"]
    note: NoteIfAny = ""
    proof: Ids = ()
    planned_for: Moment | None = None


Position = Annotated[list[Any], msgspec.Meta(max_length=3)]
