"""Queries of visits: the due list, the route of a day, the lists of an area, and what a visit found."""

from __future__ import annotations

from datetime import UTC, datetime, time

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import newest_first
from chassis.usecases.records import fields_of, get, to_answer
from services.residents.api import visits as api
from services.residents.api.people import Reading
from services.residents.directory.replicas import today
from services.residents.people.queries import PeopleQueries
from services.residents.placed import in_area
from services.residents.visits import lookups
from services.residents.visits.model import WAITING, Visit
from vocabulary.access import require_role
from vocabulary.roles import Permission

_LISTED = tuple(name for name in fields_of(api.ListedVisit) if name != "due")


class VisitQueries(PeopleQueries):
    @query
    def list_visits(self, call: Call, form: api.ListVisits) -> Listed[Answer]:
        """Visits of an area, the latest day first; with `MISSED`, what was missed, and by `tier` what was passed up."""
        where = in_area(call.principal, form.area or "")
        where |= {name: value for name in ("household", "state", "tier") if (value := getattr(form, name))}
        return newest_first(self.data.of(call), Visit, where, "due", form, _row)

    @query
    def list_due_visits(self, call: Call, form: api.DueVisits) -> Answer:
        """What has to be visited on a day, the longest due first."""
        return {"items": [_row(each) for each in self._due(call, form)]}

    @query
    def plan_route(self, call: Call, form: api.DueVisits) -> Answer:
        """The visits of the due list in order of nearness: from the one due first to the nearest that is left, by the
        middles of the rough outlines of their grids; those of one grid by building, those without an outline last."""
        return {"items": [_row(each) for each in lookups.by_nearness(self.data.of(call), self._due(call, form))]}

    @query
    def get_visit(self, call: Call, visit: Id) -> Answer:
        """The visit with the case that was made of what it found, as far as the caller may read it."""
        return _shown(call, get(self.data.of(call), Visit, visit))

    @query
    def open_visit(self, call: Call, visit: Id, form: Reading) -> Answer:
        """What the visit found, for a purpose; the reason stays in the audit log."""
        found = get(self.data.of(call), Visit, visit)
        self._note_opening(call, "visit", [visit], found.area, form)
        return self._opened_visit(call, found)

    def _opened_visit(self, call: Call, visit: Visit) -> Answer:
        """`_note_opening` has audited it."""
        return _shown(call, visit) | self._opened_of(call, visit, "visit", ("findings", "why"))

    def _due(self, call: Call, form: api.DueVisits) -> list[Visit]:
        require_role(call.principal, Permission.KEEP_NEEDS)
        data = self.data.of(call)
        until = datetime.combine(form.on or today(data), time(), UTC)
        where = in_area(call.principal, form.area or "") | {"state": {"$in": list(WAITING)}, "due": {"$lte": until}}
        return data.find(Visit, where, [("due", 1), ("_id", 1)], form.limit)


def _row(visit: Visit) -> Answer:
    return to_answer(visit, *_LISTED) | {"due": visit.day}


def _shown(call: Call, visit: Visit) -> Answer:
    case = visit.case_for(call.principal)
    following = {"id": case.id, "number": case.number, "state": case.state} if case else None
    return _row(visit) | to_answer(visit, "done_by", "matter") | {"case": following}
