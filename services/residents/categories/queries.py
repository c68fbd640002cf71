"""Queries of the categories of residents."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.persistence.tenant_data import ALL
from chassis.types import Answer, Complete, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import get, to_answer
from services.residents.api import categories as api
from services.residents.api.people import Reading
from services.residents.categories.model.category import CategoryEntry
from services.residents.people.model import Resident
from services.residents.people.queries import PeopleQueries
from services.residents.placed import code_within, inside
from vocabulary.access import require_in_area, require_role
from vocabulary.roles import Permission

_KEEP = Permission.KEEP_CATEGORIES
_LISTED = (
    "resident", "area", "kind", "aim", "legal_basis", "source", "valid_from", "valid_until", "review_at", "state",
)  # fmt: skip


class CategoryQueries(PeopleQueries):
    @query
    def list_categories(self, call: Call, resident: Id) -> Complete[Answer]:
        """Every entry that is kept about the resident, also those that are over."""
        data = self.data.of(call)
        require_in_area(call.principal, _KEEP, get(data, Resident, resident).area)
        found = data.find(CategoryEntry, {"resident": resident}, [("_id", 1)], ALL)
        return Complete(items=self._named(call, [each for each in found if each.seen_by(call.principal)]))

    @query
    def list_entries_in_force(self, call: Call, form: api.ListCategories) -> Listed[Answer]:
        """Entries in force in an area, by id; those to review alone, if asked for."""
        require_role(call.principal, _KEEP)
        listed = code_within(call.principal, form.area or "") + (f"/{form.kind}" if form.kind else "")
        where = {"listed": listed} | inside(form.area or call.principal.area)
        due = {"review_at": {"$lte": call.now}} if form.to_review else {}
        found, following = in_key_order(self.data.of(call), CategoryEntry, where | due, form)
        return Listed(items=self._named(call, found), next=following)

    @query
    def get_category(self, call: Call, entry: Id) -> Answer:
        return self._named(call, [get(self.data.of(call), CategoryEntry, entry)])[0]

    @query
    def open_category(self, call: Call, entry: Id, form: Reading) -> Answer:
        """The entry with its notes, for a purpose; the reason stays in the audit log."""
        found = get(self.data.of(call), CategoryEntry, entry)
        self._readable(call, found.resident, form)
        notes = self._opened_of(call, found, "category", ("note", "why"))
        return self._named(call, [found])[0] | notes

    def _named(self, call: Call, entries: list[CategoryEntry]) -> list[Answer]:
        """Returns rows with their names; the reading of all is audited as one."""
        names = self._open_all(call, {each.key: {"category.name": each.name} for each in entries})
        return [to_answer(each, *_LISTED) | names[each.key] for each in entries]
