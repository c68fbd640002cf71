"""Commands of representatives, by a counter that saw proof."""

from __future__ import annotations

from chassis.context import Call, Context
from chassis.entrypoints.rpc_server import command
from chassis.types import Answer, Id
from chassis.usecases.records import change, create, step_answer
from chassis.usecases.service import Documents
from services.residents.api import representatives as api
from services.residents.joins.at_counter import AtCounter
from services.residents.joins.model import OwnMatter
from services.residents.people.merges import who_stays
from services.residents.representatives.model import Representative


class RepresentativeCommands(AtCounter):
    documents: Documents = (Representative,)

    @command
    def register_representative(self, call: Call, resident: Id, form: api.NewRepresentative) -> Answer:
        """Registers who acts for a resident; nothing of the document that proves it is kept."""
        data, found = self.data.of(call), self._at_counter(call, resident)
        if form.user == call.principal.subject:
            raise OwnMatter()
        name = self._seal(call, form.name, "representative.name")

        def build(key: str) -> Representative:
            made = Representative.register(
                call.principal, key, found, form.user, name, form.proof, form.until, call.now
            )
            self.audit.record(call.principal, "residents.representative.registered", [resident, form.user], form.proof)
            return made

        return create(data, Representative, build, step_answer)

    @command
    def end_representative(self, call: Call, representative: Id) -> Answer:
        data = self.data.of(call)

        def seen(found: Representative, _: Context) -> bool:
            return bool(self._at_counter(call, who_stays(data, found.resident).key))

        def act(found: Representative) -> None:
            found.end()
            self.audit.record(
                call.principal, "residents.representative.ended", [found.resident, found.subject], "counter"
            )

        return change(data, Representative, representative, act, step_answer, seen)
