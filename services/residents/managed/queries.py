"""Queries of statutory management: without its purpose, or while it is switched off, there is none."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.persistence.tenant_data import ALL, Where
from chassis.types import Answer, Complete, Id
from chassis.usecases.records import get, to_answer
from chassis.usecases.visibility import require_seen
from services.residents.api import categories as api
from services.residents.api.people import Reading
from services.residents.categories.rules import rules_of
from services.residents.managed.model import ManagedEntry
from services.residents.people.model import Resident
from services.residents.placed import code_within
from services.residents.records import ResidentsUseCases
from vocabulary.rights import HOLDERS
from vocabulary.roles import Permission, Purpose

_LISTED = ("resident", "area", "state", "valid_from", "valid_until", "review_at")
_OPENED = (*_LISTED, "aim", "legal_basis", "statute", "source", "recorded_by", "approvals")
_SEALED = ("name", "note", "why")


class ManagedQueries(ResidentsUseCases):
    """Each reading is audited before anything is looked for: the log shows who asked about whom, found or not."""

    @query
    def open_managed(self, call: Call, resident: Id, form: Reading) -> Complete[Answer]:
        """What is kept about the resident; nothing while it is switched off."""
        require_purpose(call, form)
        get(self.data.of(call), Resident, resident)
        self._note(call, "opened", resident, form)
        found = self._found(call, {"resident": resident})
        return Complete(items=[to_answer(each, *_OPENED) | self._texts(call, each, _SEALED) for each in found])

    @query
    def list_managed(self, call: Call, form: api.ListManaged) -> Complete[Answer]:
        """Entries of an area; none while it is switched off."""
        require_purpose(call, form)
        code = code_within(call.principal, form.area or "")
        self._note(call, "listed", code, form)
        found = self._found(call, {"codes": code} | ({"state": form.state} if form.state else {}))
        return Complete(items=[to_answer(each, *_LISTED) | self._texts(call, each, ("name",)) for each in found])

    def _found(self, call: Call, where: Where) -> list[ManagedEntry]:
        data = self.data.of(call)
        found = data.find(ManagedEntry, where, [("_id", 1)], ALL) if rules_of(data).statute else []
        return [each for each in found if each.seen_by(call.principal)]

    def _texts(self, call: Call, entry: ManagedEntry, names: tuple[str, ...]) -> Answer:
        return self._opened_of(call, entry, "managed", names)

    def _note(self, call: Call, did: str, subject: str, form: Reading) -> None:
        self.audit.record(call.principal, f"residents.managed.{did}", [subject], f"{form.purpose}: {form.reason}")


def require_purpose(call: Call, form: Reading) -> None:
    """Raises `NotFound` unless the caller has the purpose and states it: others cannot tell what there is from what
    there is not."""
    by = call.principal
    stated = form.purpose == Purpose.MANAGED and Purpose.MANAGED in by.purposes
    require_seen(stated and not HOLDERS[Permission.READ_MANAGED].isdisjoint(by.roles))
