"""Commands of people about who reads their own record."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command
from chassis.types import Answer, Id
from chassis.usecases.records import change, step_answer
from chassis.usecases.visibility import require_seen
from services.residents.joins.commands import JoinCommands
from services.residents.own_record.access import OwnRecords
from services.residents.representatives.lookups import representatives_of
from services.residents.representatives.model import Representative


class OwnRecordCommands(OwnRecords, JoinCommands):
    @command
    def end_own_join(self, call: Call, resident: Id) -> Answer:
        """Separates the caller's sign-in from their record; a representative cannot."""
        own = self._own(call, resident)
        require_seen(own.representative is None)
        return self._end_join(call, own.resident, "own")

    @command
    def dismiss_representative(self, call: Call, resident: Id, representative: Id) -> Answer:
        """Ends that somebody acts for the person, by the person or by that representative."""
        own, data = self._own(call, resident), self.data.of(call)
        registered = [each.key for each in representatives_of(data, own.resident)]
        may_end = own.representative is None or own.representative.key == representative
        require_seen(may_end and representative in registered)

        def act(found: Representative) -> None:
            self._note_own(call, "representative_dismissed", own)
            found.end()

        return change(data, Representative, representative, act, step_answer, lambda *_: True)
