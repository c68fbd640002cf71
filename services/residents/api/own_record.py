"""API types of what people see of their own record (本人档案), and take away as a copy."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from chassis.types import Moment, Record
from services.residents.api.categories import OpenedCategory
from services.residents.api.dictionary import Value
from services.residents.api.needs import OpenedNeed
from services.residents.api.representatives import ShownRepresentative
from services.residents.api.rights_requests import OwnRightsRequest
from services.residents.api.sheets import SheetMember

OwnStanding = Literal["self", "representative"]


class ListedOwnRecord(Record, frozen=True, kw_only=True):
    """A record that is the caller's own, or of somebody whom they represent until then. `name`: masked."""

    name: str
    standing: OwnStanding
    until: Moment | None = None


class OwnHome(msgspec.Struct, frozen=True, kw_only=True):
    """Where the person lives. `place`: the name of grid or community; `address`: the door of the dwelling."""

    household: str
    dwelling: str
    area: str
    place: str
    address: str
    relation: str
    is_head: bool


class OwnValue(msgspec.Struct, frozen=True, kw_only=True):
    """The value of a field. `form`: from which it came; `current`: false for what was replaced since."""

    field: str
    zh: str
    en: str
    value: Value = None
    given_at: Moment
    holds_until: Moment | None = None
    form: str
    current: bool


class OwnVisit(Record, frozen=True, kw_only=True):
    """A visit to the household while the person belonged to it. `findings`: only where nobody else did."""

    household: str
    kind: str
    due: date
    state: str
    done_at: Moment | None = None
    findings: str


class OwnJoin(msgspec.Struct, frozen=True, kw_only=True):
    """Since when a sign-in is joined to the record, and by which proof, or by a code."""

    joined_at: Moment
    proof: str


class OwnRecord(Record, frozen=True, kw_only=True):
    """All that is held about the person and may be shown. `records`: the profile, then those merged into it.

    `standing`: whether the person reads it, or `represented_by` in their name.
    """

    standing: OwnStanding
    represented_by: str
    records: list[SheetMember]
    home: OwnHome | None = None
    needs: list[OpenedNeed]
    categories: list[OpenedCategory]
    values: list[OwnValue]
    visits: list[OwnVisit]
    join: OwnJoin | None = None
    representatives: list[ShownRepresentative]
    requests: list[OwnRightsRequest]


class OwnCopy(msgspec.Struct, frozen=True, kw_only=True):
    """A copy to take away. `made_at`: when."""

    made_at: Moment
    record: OwnRecord
