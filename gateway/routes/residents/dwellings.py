"""Routes of dwellings (房)."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import dwellings as api
from vocabulary.roles import Permission

residents = RouteBuilder("residents", RecordState, tag="dwellings")

_FIND, _KEEP = Permission.FIND_RESIDENTS, Permission.KEEP_RESIDENTS
_DWELLINGS = "/v1/dwellings"
_DWELLING = _DWELLINGS + "/{dwelling}"

OPERATIONS = [
    residents.creates(_DWELLINGS, "record_dwelling", "Record a dwelling", _KEEP, api.NewDwelling),
    residents.lists(
        _DWELLINGS, "list_dwellings", "List the dwellings of an area or building", _FIND, api.ListedDwelling,
        api.ListDwellings,
    ),
    residents.reads(
        _DWELLING, "get_dwelling", "Get a dwelling with its households", _FIND, answer=api.ShownDwelling
    ),
    residents.acts(_DWELLING + "/remove", "remove_dwelling", "Remove a dwelling that is gone", _KEEP),
]  # fmt: skip
