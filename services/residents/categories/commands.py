"""Commands, timers and event handlers of the categories of residents."""

from __future__ import annotations

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id
from chassis.usecases.records import change, create, get, step_answer
from chassis.usecases.service import Documents
from services.residents.api import categories as api
from services.residents.categories.following import follow_resident
from services.residents.categories.model.category import CategoryEntry
from services.residents.categories.model.entry import IN_FORCE, Given
from services.residents.categories.model.term import Term
from services.residents.categories.queries import CategoryQueries
from services.residents.categories.rules import rules_of
from services.residents.people.events import ResidentChanged
from services.residents.people.model import Resident
from vocabulary.access import require_in_area
from vocabulary.roles import Permission

_AT_ONCE = 500


class CategoryCommands(CategoryQueries):
    documents: Documents = (CategoryEntry,)

    @command
    def record_category(self, call: Call, resident: Id, form: api.NewCategory) -> Answer:
        data = self.data.of(call)

        def build(key: str) -> CategoryEntry:
            found, given = get(data, Resident, resident), self._given(call, form)
            require_in_area(call.principal, Permission.KEEP_CATEGORIES, found.area)
            term = Term.of(call.now, rules_of(data).latest_end(call.now), form.valid_until, form.review_at)
            return CategoryEntry.record(call.principal, key, found, form.kind, given, form.valid_from, term, call.now)

        return create(data, CategoryEntry, build, step_answer)

    @command
    def review_category(self, call: Call, entry: Id, form: api.Reviewed) -> Answer:
        """It still holds, and is kept from now on as long as the tenant's retention says."""
        data = self.data.of(call)

        def act(found: CategoryEntry) -> None:
            latest = rules_of(data).latest_end(call.now)
            found.review(call.principal, Term.of(call.now, latest, form.valid_until, form.review_at), call.now)

        return change(data, CategoryEntry, entry, act, step_answer)

    @command
    def end_category(self, call: Call, entry: Id, form: api.EndedCategory) -> Answer:
        why = self._seal(call, form.why, "category.why")
        return self._act(call, CategoryEntry, entry, lambda found: found.end(call.principal, why))

    @handles(ResidentChanged)
    def follow_categories(self, event: Received) -> None:
        follow_resident(self.data.of(event), CategoryEntry, event.envelope.subject)

    @every(interval=5)
    def expire_categories(self) -> None:
        self.data.each_due(CategoryEntry, lambda entry, now: entry.expire(now))
        self.data.each_tenant(_forget)

    def _given(self, call: Call, form: api.NewCategory) -> Given:
        return Given(
            name=self._seal(call, form.name, "category.name"), note=self._seal(call, form.note, "category.note"),
            aim=form.aim, legal_basis=form.legal_basis, source=form.source,
        )  # fmt: skip


def _forget(data: TenantData) -> None:
    """Destroys what the tenant's retention does not cover any more; what is still in force ends before that."""
    rules = rules_of(data)
    if not rules.are_known:
        return
    before = rules.kept_since(data.context.now)
    for entry in data.find(CategoryEntry, {"reviewed_at": {"$lte": before}}, limit=_AT_ONCE):
        if entry.state == IN_FORCE:
            data.change(CategoryEntry, entry.key, lambda found: found.lapse())
        else:
            data.destroy(entry)
