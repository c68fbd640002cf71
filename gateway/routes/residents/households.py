"""Routes of households (户)."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import households as api
from services.residents.api.people import Reading
from services.residents.api.sheets import HouseholdSheet
from vocabulary.roles import Permission

residents = RouteBuilder("residents", RecordState, tag="households")

_FIND, _KEEP = Permission.FIND_RESIDENTS, Permission.KEEP_RESIDENTS
_OPEN = Permission.OPEN_RESIDENT
_HOUSEHOLDS = "/v1/households"
_HOUSEHOLD = _HOUSEHOLDS + "/{household}"

OPERATIONS = [
    residents.creates(_HOUSEHOLDS, "open_household", "Open a household in a dwelling", _KEEP, api.NewHousehold),
    residents.lists(
        _HOUSEHOLDS, "list_households", "List the households of an area", _FIND, api.ListedHousehold,
        api.ListHouseholds,
    ),
    residents.reads(
        _HOUSEHOLD, "get_household", "Get a household with its members, masked", _FIND, answer=api.ShownHousehold
    ),
    residents.asks(
        _HOUSEHOLD + "/sheet", "open_household_sheet", "Read all that is held about the household, for a purpose",
        _OPEN, Reading, answer=HouseholdSheet,
    ),
    residents.acts(_HOUSEHOLD + "/move", "move_household", "Move the household to another dwelling", _KEEP, api.Move),
    residents.creates(
        _HOUSEHOLD + "/split", "split_household", "Split some members off into a new household", _KEEP, api.SplitOff
    ),
    residents.acts(_HOUSEHOLD + "/head", "name_head", "Name the head of the household", _KEEP, api.NewHead),
    residents.acts(_HOUSEHOLD + "/dissolve", "dissolve_household", "Dissolve a household without members", _KEEP),
]  # fmt: skip
