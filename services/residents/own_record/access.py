"""Base of what people do with their own record (本人档案): who they are to it decides before anything is looked for."""

from __future__ import annotations

from typing import NamedTuple

from chassis.context import Call
from chassis.usecases.visibility import require_seen
from services.residents.joins.lookups import join_of
from services.residents.joins.model import Join
from services.residents.people.merges import who_stays
from services.residents.people.model import Resident
from services.residents.records import ResidentsUseCases
from services.residents.representatives.lookups import acting_for
from services.residents.representatives.model import Representative
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission


class Own(NamedTuple):
    """A record with the caller's standing. `resident`: the one that stays; `representative`: None for the person."""

    resident: Resident
    join: Join | None
    representative: Representative | None

    @property
    def standing(self) -> str:
        """How the audit log says by what right they read."""
        return f"representative: {self.representative.key}" if self.representative else "own"


class OwnRecords(ResidentsUseCases):
    def _own(self, call: Call, resident: str) -> Own:
        """Returns the caller's own record, or that of whom they represent. Raises `NotFound` for every other one."""
        data, subject = self.data.of(call), call.principal.subject
        found = who_stays(data, resident)
        join = join_of(data, found)
        is_own = join is not None and join.subject == subject
        representative = None if is_own else acting_for(data, found, subject)
        persons = (subject,) if is_own or representative else ()
        require_seen(may(call.principal, Permission.EXERCISE_RIGHTS, Resource(persons=persons)))
        return Own(found, join, representative)

    def _note_own(self, call: Call, did: str, own: Own) -> None:
        """Audits what somebody does with their own record, before it happens."""
        self.audit.record(call.principal, f"residents.own_record.{did}", [own.resident.key], own.standing)
