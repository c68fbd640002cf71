"""Shared kernel of the API schemas: base classes of requests and responses, and the types of their fields.

A service builds its schemas in `services/<name>/api/` from these types. The service and the gateway import the same
schemas, so that their limits cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Generic, Protocol, TypeAlias, TypeVar

import msgspec

from chassis.errors import Invalid

_BLANK = r"\s\u00ad\u034f\u115f\u1160\u180e\u200b-\u200f\u2060-\u2064\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
_UNSHOWN = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069"
BLANKS = "".join(re.findall(f"[{_BLANK}]", "".join(map(chr, range(0x10000)))))
"""Spaces, line breaks, and characters that leave nothing to see, such as U+200B; for `str.strip`."""
UNSHOWN = re.compile(f"[{_UNSHOWN}]")
"""Control characters, and those that turn the direction of what follows: a text with them shows as another one."""

PATTERN_WORDS: dict[str, tuple[str, str]] = {}
"""What a value that does not match must be, in English and Chinese, by pattern (`in_words`)."""

TENANT = re.compile("[a-z][a-z0-9-]{1,30}")
"""The form of a tenant's name, for `TENANT.fullmatch`; in a schema, use `Tenant`."""

R = TypeVar("R")


def exactly(pattern: str) -> str:
    """Returns a pattern that the whole text must match; Python's `$` alone would allow a final line break."""
    return rf"^{pattern}$(?!\n)"


def in_words(pattern: str, en: str, zh: str) -> str:
    """Returns the pattern; a fault then says these words instead of quoting it."""
    PATTERN_WORDS[pattern] = en, zh
    return pattern


SHOWN = in_words(exactly(f"[^{_UNSHOWN}]*"), "it contains a character that cannot be shown", "含有无法显示的字符")
"""The pattern of every text that people write: without `UNSHOWN`."""
NOT_BLANK = in_words(rf"^(?=[{_BLANK}]*[^{_BLANK}])" + SHOWN.removeprefix("^"), "it must not be blank", "不得为空白")
"""The pattern of a text that must say something, too."""

UNBROKEN = exactly(f"[^{_BLANK}{_UNSHOWN}]+")
"""The pattern of a name without spaces, such as a login."""


def is_blank(text: str) -> bool:
    return not text.strip(BLANKS)


AnyText = Annotated[str, msgspec.Meta(pattern=SHOWN)]
SomeText = Annotated[str, msgspec.Meta(pattern=NOT_BLANK)]
_ID = in_words(
    exactly("[A-Za-z0-9_.:-]+"),
    "it must consist of letters, digits and the characters _ . : -",
    "只能包含字母、数字和 _ . : - 字符",
)
_TENANT = in_words(
    exactly(TENANT.pattern),
    "it must be 2 to 31 lower-case letters, digits and hyphens, with a letter first",
    "须为 2 至 31 个小写字母、数字或连字符，并以字母开头",
)
_PHONE = in_words(
    exactly("[0-9+() -]*"),
    "it must consist of digits, spaces and the characters + ( ) -",
    "只能包含数字、空格和 + ( ) - 字符",
)
_PATH = in_words(
    exactly("(/[0-9a-z][0-9a-z.-]*)+/"), "it must be a path like /1503/150303/", "须为路径，如 /1503/150303/"
)
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=_ID)]
Tenant = Annotated[str, msgspec.Meta(pattern=_TENANT, description="The city or county, like `wuhai`.")]
Word = Annotated[AnyText, msgspec.Meta(max_length=64)]
Title = Annotated[SomeText, msgspec.Meta(max_length=80)]
Note = Annotated[SomeText, msgspec.Meta(max_length=500)]
NoteIfAny = Annotated[AnyText, msgspec.Meta(max_length=500)]
Text = Annotated[SomeText, msgspec.Meta(max_length=2000)]
TextIfAny = Annotated[AnyText, msgspec.Meta(max_length=2000)]
Prose = Annotated[SomeText, msgspec.Meta(max_length=4000)]
Phone = Annotated[str, msgspec.Meta(max_length=32, pattern=_PHONE)]
LONGEST_PATH = 140
Path = Annotated[
    str,
    msgspec.Meta(
        min_length=3,
        max_length=LONGEST_PATH,
        pattern=_PATH,
        description="A place in the division tree from the top, like `/1503/150303/150303001/`: the `path` of a "
        "division (`GET /v1/divisions`) or grid (`GET /v1/grids`).",
    ),
]
Moment = Annotated[datetime, msgspec.Meta(tz=True, description="With its time zone; from 1900 to 2199.")]
Ids = Annotated[tuple[Id, ...], msgspec.Meta(max_length=20)]
Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Line = Annotated[int, msgspec.Meta(ge=1, lt=2**31, description="In the file, from 1.")]
Number = Annotated[int, msgspec.Meta(ge=1, le=1000)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=200, description="Rows of a page.")]
Answer: TypeAlias = dict[str, Any]


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Request schema: a command or query takes at most one, and its fields are arguments of the call."""


class Lined(Protocol):
    """A row of an import."""

    @property
    def line(self) -> int: ...


class Page(Form, frozen=True, kw_only=True):
    """Keyset pagination request. `after` is `next` of the previous page; the gateway seals it into a cursor."""

    limit: Limit = 50
    after: Any = None


class Point(Form, frozen=True, kw_only=True):
    """Coordinates in WGS 84 degrees: both or neither."""

    lon: Lon | None = None
    lat: Lat | None = None

    def __post_init__(self) -> None:
        require_both(self.lon, self.lat)


def require_both(lon: float | None, lat: float | None) -> None:
    """Raises `Invalid` if only one of the coordinates is given."""
    if (lon is None) != (lat is None):
        raise Invalid(("lat", "give both lon and lat, or neither", "经度 lon 与纬度 lat 须同时提供"))


def require_each_line_once(rows: Sequence[Lined]) -> None:
    """Raises `Invalid` for the second row of a line: a report by line would not say which of the two it means."""
    seen: set[int] = set()
    faults = []
    for number, row in enumerate(rows):
        if row.line in seen:
            faults.append((f"rows.{number}.line", "another row has this line", "与其他行的行号重复"))
        seen.add(row.line)
    if faults:
        raise Invalid(*faults)


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Response schema of a stored record. `version` is also the ETag, for If-Match."""

    id: str
    version: int


class RecordState(Record, frozen=True, kw_only=True):
    """Response schema of a step: the record's state after it, whose fields may be restricted."""

    state: str


class Complete(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """Response schema of a list that has no pages."""

    items: list[R]


class Listed(msgspec.Struct, Generic[R], frozen=True, kw_only=True, omit_defaults=True):
    """One page of a list. `next` is the `after` of the following page, absent on the last page."""

    items: list[R]
    next: Any = None


class Resync(Form, frozen=True, kw_only=True):
    """Request to publish one page of a service's current state to `service`. `cursor`: of the last response."""

    service: Annotated[str, msgspec.Meta(max_length=64, pattern=exactly("[a-z]+"))]
    cursor: Annotated[AnyText, msgspec.Meta(max_length=300)] = ""


class Resynced(msgspec.Struct, frozen=True):
    """One page was published: the number of events, and the `cursor` of the next page, "" on the last page."""

    published: int
    cursor: str


class File(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that the gateway sends as a file. `name`: for whoever saves it."""

    name: str
    mime: str
    content: bytes


class RejectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A rejected row of an import: its line, counted from 1, and why (`en`, `zh-CN`)."""

    line: int
    reason: dict[str, str]
