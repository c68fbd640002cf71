"""Routes of needs (服务型台账) and of the cards of households."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import needs as api
from services.residents.api.people import Reading
from vocabulary.roles import Permission

residents = RouteBuilder("residents", RecordState, tag="needs")

_FIND, _KEEP, _OPEN = Permission.FIND_RESIDENTS, Permission.KEEP_NEEDS, Permission.OPEN_RESIDENT
_NEEDS = "/v1/needs"
_NEED = _NEEDS + "/{need}"

OPERATIONS = [
    residents.lists(_NEEDS, "list_needs", "List the needs of an area, masked", _FIND, api.ListedNeed, api.ListNeeds),
    residents.creates(_NEEDS, "record_need", "Record what a resident needs", _KEEP, api.NewNeed),
    residents.asks(
        _NEED + "/open", "open_need", "Read what is sealed about a need, for a purpose", _OPEN, Reading,
        answer=api.OpenedNeed,
    ),
    residents.acts(_NEED + "/revise", "revise_need", "Revise the need", _KEEP, api.NeedRevision),
    residents.acts(_NEED + "/meet", "meet_need", "Record that the need is met", _KEEP, api.NeedStep),
    residents.acts(_NEED + "/reopen", "reopen_need", "Reopen a need that was met", _KEEP, api.NeedStep),
    residents.acts(_NEED + "/end", "end_need", "End the need", _KEEP, api.NeedStep),
    residents.acts(
        "/v1/households/{household}/card", "colour_card", "Give the household a card of another colour", _KEEP,
        api.NewColour,
    ),
]  # fmt: skip
