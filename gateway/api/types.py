"""The types of what requests carry, and a short way to write a form of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    create_model,
    field_validator,
)
from pydantic_core import PydanticCustomError

from chassis.types import NOT_BLANK

Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Word = Annotated[str, Field(max_length=64)]
Title = Annotated[str, Field(max_length=80, pattern=NOT_BLANK)]
Note = Annotated[str, Field(max_length=500, pattern=NOT_BLANK)]
NoteIfAny = Annotated[str, Field(max_length=500)]
Text = Annotated[str, Field(max_length=2000, pattern=NOT_BLANK)]
TextIfAny = Annotated[str, Field(max_length=2000)]
Path = Annotated[
    str,
    Field(
        min_length=3,
        max_length=120,
        pattern=r"^(/[0-9a-z][0-9a-z.-]*)+/$",
        description="A place in the division tree from the top, like `/1503/150303/150303001/`: the `path` of a "
        "division (`GET /v1/divisions`) or grid (`GET /v1/grids`).",
    ),
]
Moment = Annotated[AwareDatetime, Field(description="With its time zone.")]
Ids = Annotated[list[Id], Field(max_length=20)]
Prose = Annotated[str, Field(max_length=4000, pattern=NOT_BLANK)]
Phone = Annotated[str, Field(max_length=32, pattern=r"^[0-9+() -]*$")]
_CATEGORY = "Its code, like `component.utility.manhole-cover`: `GET /v1/tenant` lists them under `categories`."
Category = Annotated[Id, Field(description=_CATEGORY)]
CategoryIfAny = Annotated[Word, Field(description=_CATEGORY)]
CategoryCode = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9_.-]*$", description=_CATEGORY)]
_UNIT = "the id of a department (`GET /v1/units`), or the division's code of a street, community or centre."
Unit = Annotated[Id, Field(description="A unit: " + _UNIT)]
UnitIfAny = Annotated[Word, Field(description="A unit: " + _UNIT)]
Lead = Annotated[Id, Field(description="The unit that leads: " + _UNIT)]
LeadIfAny = Annotated[Word, Field(description="The unit that leads: " + _UNIT)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Limit = Annotated[int, Field(ge=1, le=200, description="Rows of a page.")]
Cursor = Annotated[str, Field(max_length=1000, description="`cursor` of the page before.")]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


#: Of an address that takes no parameters: any is refused.
NoQuery = Annotated[Form, Query()]


class Point(Form):
    """Coordinates in WGS 84 degrees: both or none."""

    lon: Longitude | None = None
    lat: Annotated[Latitude | None, Field(validate_default=True)] = None

    @field_validator("lat")
    @classmethod
    def _has_both(cls, lat: float | None, others: ValidationInfo) -> float | None:
        if "lon" in others.data and (lat is None) != (others.data["lon"] is None):
            raise PydanticCustomError("half_a_point", "lon and lat go together")
        return lat


class Page(Form):
    """What every list takes."""

    limit: Limit = 50
    cursor: Cursor | None = None


def fields_of(row: type[BaseModel]) -> Any:
    """The type of the parameter that asks for some of the row's fields."""
    known = ", ".join(row.model_fields)

    def check(text: str) -> str:
        if unknown := [name for name in text.split(",") if name not in row.model_fields]:
            told = {"unknown": ", ".join(unknown), "expected": known}
            raise PydanticCustomError("not_in_rows", "there is no {unknown}", told)
        return text

    description = f"Only these fields of each row, by comma: {known}."
    return Annotated[str, Field(max_length=300, description=description), AfterValidator(check)]


def form(name: str, /, base: type[BaseModel] = Form, **fields: Any) -> type[BaseModel]:
    """A form whose fields must be given, apart from those whose type allows None."""
    given = {field: (kind, None if _optional(kind) else ...) for field, kind in fields.items()}
    return create_model(name, __base__=base, **given)  # type: ignore[call-overload,no-any-return]


def _optional(kind: Any) -> bool:
    return type(None) in getattr(kind, "__args__", ())


class SettingsForm(BaseModel):
    """A city's settings as `GET /v1/tenant` shows them; org checks them as a whole and names each bad one."""

    model_config = ConfigDict(extra="allow")

    name: Title
