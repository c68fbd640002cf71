"""The types of what calls bring: every text has a bound, so that nothing over-long reaches a document, and one that
must be there says something."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec

from chassis.errors import Invalid
from chassis.types import NOT_BLANK
from services.cases.case.model.inputs import Form

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


class NoPosition(Invalid):
    """An `after` that is not from `next`."""

    def __init__(self) -> None:
        super().__init__(("after", "take it from `next` of the page before", "须取自上一页的 next"))


def require_both(lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        raise Invalid(("lat", "lon and lat go together: give both or neither", "经度 lon 与纬度 lat 须同时提供"))


class PointForm(Form, frozen=True, kw_only=True):
    """Coordinates in WGS 84 degrees: both or none."""

    lon: Lon | None = None
    lat: Lat | None = None

    def __post_init__(self) -> None:
        require_both(self.lon, self.lat)


Position = Annotated[list[Any], msgspec.Meta(max_length=3)]
