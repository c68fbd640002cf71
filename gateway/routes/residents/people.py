"""Routes of residents (人)."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import people as api
from vocabulary.roles import Permission

residents = RouteBuilder("residents", RecordState, tag="residents")

_FIND, _KEEP, _MERGE = Permission.FIND_RESIDENTS, Permission.KEEP_RESIDENTS, Permission.MERGE_RESIDENTS
_OPEN = Permission.OPEN_RESIDENT
_RESIDENTS = "/v1/residents"
_RESIDENT = _RESIDENTS + "/{resident}"

OPERATIONS = [
    residents.lists(
        _RESIDENTS, "list_residents", "List who lives in an area, masked", _FIND, api.ListedResident, api.ListResidents
    ),
    residents.creates(_RESIDENTS, "record_resident", "Record a member of a household", _KEEP, api.NewResident),
    residents.asks(
        _RESIDENTS + "/search", "search_residents", "Find residents by name, initials, phone or identity number", _FIND,
        api.Search, answer=api.FoundResidents,
    ),
    residents.reads(_RESIDENT, "get_resident", "Get a resident, masked", _FIND, answer=api.MaskedResident),
    residents.asks(
        _RESIDENT + "/open", "open_resident", "Read what is sealed about a resident, for a purpose", _OPEN,
        api.Reading, answer=api.OpenedResident,
    ),
    residents.asks(
        _RESIDENT + "/history", "read_history", "Read how the profile has changed, for a purpose", _OPEN,
        api.Reading, answer=api.ProfileHistory,
    ),
    residents.reads(
        _RESIDENT + "/duplicates", "list_duplicates", "List other records that may be of the same person", _MERGE,
        answer=api.PossibleDuplicates,
    ),
    residents.acts(_RESIDENT + "/correct", "correct_resident", "Correct the profile", _KEEP, api.Correction),
    residents.acts(_RESIDENT + "/move-in", "move_in", "Move the resident into a household", _KEEP, api.MoveIn),
    residents.acts(_RESIDENT + "/move-out", "move_out", "Record that the resident moved away", _KEEP, api.MoveOut),
    residents.acts(_RESIDENT + "/death", "record_death", "Record that the resident died", _KEEP, api.Death),
    residents.acts(
        _RESIDENT + "/merge", "merge_residents", "Merge the record into another one of the same person", _MERGE,
        api.MergeInto,
    ),
    residents.acts(_RESIDENT + "/unmerge", "unmerge_residents", "Separate a merged record again", _MERGE),
]  # fmt: skip
