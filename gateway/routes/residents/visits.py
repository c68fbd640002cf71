"""Routes of visits (走访)."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import visits as api
from services.residents.api.people import Reading
from vocabulary.roles import Permission

residents = RouteBuilder("residents", RecordState, tag="visits")

_FIND, _KEEP, _OPEN = Permission.FIND_RESIDENTS, Permission.KEEP_NEEDS, Permission.OPEN_RESIDENT
_VISITS = "/v1/visits"
_VISIT = _VISITS + "/{visit}"

OPERATIONS = [
    residents.lists(_VISITS, "list_visits", "List the visits of an area", _FIND, api.ListedVisit, api.ListVisits),
    residents.creates(_VISITS, "plan_visit", "Plan a visit", _KEEP, api.NewVisit),
    residents.figures(
        _VISITS + "/due", "list_due_visits", "List the visits that are due on a day", _KEEP, api.DueVisits,
        answer=api.VisitList,
    ),
    residents.figures(
        _VISITS + "/route", "plan_route", "Order the visits of a day by nearness", _KEEP, api.DueVisits,
        answer=api.VisitList,
    ),
    residents.reads(_VISIT, "get_visit", "Get a visit with the case made of it", _FIND, answer=api.ShownVisit),
    residents.asks(
        _VISIT + "/open", "open_visit", "Read what a visit found, for a purpose", _OPEN, Reading,
        answer=api.OpenedVisit,
    ),
    residents.acts(_VISIT + "/move", "move_visit", "Move the visit to another day or worker", _KEEP, api.MovedVisit),
    residents.acts(_VISIT + "/record", "record_visit", "Record what the visit found", _KEEP, api.VisitRecord),
    residents.acts(_VISIT + "/cancel", "cancel_visit", "Cancel the visit", _KEEP, api.VisitReason),
    residents.creates(
        "/v1/households/{household}/visits", "record_unplanned_visit", "Record a visit that was not planned", _KEEP,
        api.UnplannedVisit,
    ),
]  # fmt: skip
