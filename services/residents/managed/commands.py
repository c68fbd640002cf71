"""Commands, timer and event handlers of statutory management. It has no events: its end is a timer's of this service.

A resync does not tell of it either, and nobody has a replica of it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command
from chassis.persistence.tenant_data import ALL, TenantData, Where
from chassis.security.principal import system
from chassis.types import Answer, Id
from chassis.usecases.records import create, get, step_answer
from chassis.usecases.service import Documents
from chassis.usecases.visibility import require_seen
from services.residents.api import categories as api
from services.residents.api.people import Reading
from services.residents.categories.following import follow_resident
from services.residents.categories.model.entry import Given
from services.residents.categories.model.term import Term
from services.residents.categories.rules import Rules, rules_of
from services.residents.managed.model import ManagedEntry
from services.residents.managed.queries import ManagedQueries, require_purpose
from services.residents.people.events import ResidentChanged
from services.residents.people.model import Resident
from vocabulary.access import require_in_area
from vocabulary.roles import Permission


class _Settings(msgspec.Struct):
    """What this service reads of the event; it ignores the rest."""

    class Features(msgspec.Struct):
        managed_residents: bool

    features: Features


class ManagedCommands(ManagedQueries):
    documents: Documents = (ManagedEntry,)

    @command
    def propose_managed(self, call: Call, resident: Id, form: api.NewManaged) -> Answer:
        data, rules = self.data.of(call), self._rules(call, form)

        def build(key: str) -> ManagedEntry:
            found = get(data, Resident, resident)
            require_in_area(call.principal, Permission.PROPOSE_MANAGED, found.area)
            term = Term.of(call.now, rules.latest_end(call.now), form.valid_until, form.review_at)
            given = Given(
                name=self._seal(call, form.name, "managed.name"), note=self._seal(call, form.note, "managed.note"),
                aim=form.aim, legal_basis=form.legal_basis, source=form.source,
            )  # fmt: skip
            made = ManagedEntry.propose(call.principal, key, found, given, rules.statute, term, call.now)
            self._note(call, "proposed", key, form)
            return made

        return create(data, ManagedEntry, build, step_answer)

    @command
    def approve_managed(self, call: Call, entry: Id, form: Reading) -> Answer:
        """The first approval, or the second, with which it is in force."""
        return self._step(call, entry, form, "approved", lambda found: found.approve(call.principal, call.now))

    @command
    def refuse_managed(self, call: Call, entry: Id, form: Reading) -> Answer:
        why = self._seal(call, form.reason, "managed.why")
        return self._step(call, entry, form, "refused", lambda found: found.refuse(call.principal, why))

    @command
    def review_managed(self, call: Call, entry: Id, form: api.ManagedReview) -> Answer:
        def act(found: ManagedEntry) -> None:
            found.review(call.principal, form.review_at, call.now)

        return self._step(call, entry, form, "reviewed", act)

    @command
    def end_managed(self, call: Call, entry: Id, form: Reading) -> Answer:
        """Withdraws a proposal, or ends what is in force."""
        why = self._seal(call, form.reason, "managed.why")
        return self._step(call, entry, form, "ended", lambda found: found.end(call.principal, why))

    @handles(ResidentChanged)
    def follow_managed(self, event: Received) -> None:
        follow_resident(self.data.of(event), ManagedEntry, event.envelope.subject)

    @handles("org.tenant.changed.v1")
    def end_all_managed(self, event: Received) -> None:
        """Switching it off destroys what there was until then, also if it is on again by now."""
        if not event.as_(_Settings).features.managed_residents:
            self._destroy(self.data.of(event), {"recorded_at": {"$lte": event.envelope.time}})

    @every(interval=5)
    def expire_managed(self) -> None:
        self.data.each_due(ManagedEntry, self._expire)
        self.data.each_tenant(self._forget)

    def _rules(self, call: Call, form: Reading) -> Rules:
        """Raises `NotFound` without the purpose, or while it is switched off."""
        require_purpose(call, form)
        rules = rules_of(self.data.of(call))
        require_seen(bool(rules.statute))
        return rules

    def _step(self, call: Call, entry: str, form: Reading, did: str, act: Callable[[ManagedEntry], object]) -> Answer:
        self._rules(call, form)

        def acted(found: ManagedEntry) -> None:
            act(found)
            self._note(call, did, entry, form)

        return self._act(call, ManagedEntry, entry, acted)

    def _expire(self, entry: ManagedEntry, now: datetime) -> None:
        if entry.expire(now):
            self.audit.record(system(entry.tenant, self.owner), "residents.managed.expired", [entry.key], "")

    def _forget(self, data: TenantData) -> None:
        """Destroys what the tenant's retention does not cover any more; all while it is switched off."""
        rules = rules_of(data)
        if not rules.are_known:
            return
        before = rules.kept_since(data.context.now)
        self._destroy(data, {"reviewed_at": {"$lte": before}} if rules.statute else {})

    def _destroy(self, data: TenantData, where: Where) -> None:
        for entry in data.find(ManagedEntry, where, limit=ALL):
            self.audit.record(system(entry.tenant, self.owner), "residents.managed.destroyed", [entry.key], "")
            data.destroy(entry)
