"""Queries of needs: the ledger masked; what is sealed opens for a purpose."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.persistence.tenant_data import TenantData
from chassis.security.masking import mask
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import fields_of, get, to_answer
from services.residents.api import needs as api
from services.residents.api.people import Reading
from services.residents.needs.model import Need
from services.residents.people.names import sealed_names
from services.residents.people.queries import PeopleQueries
from services.residents.placed import in_area
from services.residents.visits.lookups import next_visits

_LISTED = tuple(name for name in fields_of(api.ListedNeed) if name not in ("name", "next_visit"))
_OPENED = tuple(name for name in fields_of(api.OpenedNeed) if name not in ("note", "why"))


class NeedQueries(PeopleQueries):
    @query
    def list_needs(self, call: Call, form: api.ListNeeds) -> Listed[Answer]:
        """The ledger of needs (服务型台账) of an area, by id."""
        data, where = self.data.of(call), in_area(call.principal, form.area or "")
        where |= {name: value for name in ("need", "resident", "state") if (value := getattr(form, name))}
        found, following = in_key_order(data, Need, where, form)
        return Listed(items=self._rows(call, data, found), next=following)

    @query
    def open_need(self, call: Call, need: Id, form: Reading) -> Answer:
        """All that is kept about the need, for a purpose; the reason stays in the audit log."""
        found = get(self.data.of(call), Need, need)
        self._note_opening(call, "need", [need], found.area, form)
        return self._opened_need(call, found)

    def _opened_need(self, call: Call, need: Need) -> Answer:
        """`_note_opening` has audited it."""
        return to_answer(need, *_OPENED) | self._opened_of(call, need, "need", ("note", "why"))

    def _rows(self, call: Call, data: TenantData, needs: list[Need]) -> list[Answer]:
        names = self._open_all(call, sealed_names(data, (each.resident for each in needs)))
        days = next_visits(data, {each.household for each in needs if each.household})
        return [
            to_answer(each, *_LISTED)
            | {"name": mask("name", names[each.resident]["name"]), "next_visit": days.get(each.household)}
            for each in needs
        ]
