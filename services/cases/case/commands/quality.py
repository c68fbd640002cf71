"""Commands of quality: inspection, rating, reopening, urges 催办, supervision 督办, recomputing limits."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command
from chassis.security.principal import Principal
from chassis.types import Answer, Id, Number
from services.cases.api import steps
from services.cases.api.case import ByParty, ReasonOfParty
from services.cases.case.commands.base import CaseCommands
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits
from services.cases.case.model.rating import Answer as PartyAnswer
from services.cases.directory.limit_versions import limits_now
from services.cases.directory.merged_cases import parent_of


class QualityCommands(CaseCommands):
    @command
    def assign_inspector(self, call: Call, case: Id, form: steps.Inspector) -> Answer:
        """Assigns an inspector, who must hold an inspector's post that covers the case's area."""
        by, inspector = call.principal, form.inspector
        return self._step_naming(call, case, inspector, lambda c, named, _: c.assign_inspector(by, named, call.now))

    @command
    def inspect(self, call: Call, case: Id, form: steps.Inspection) -> Answer:
        """核查, by someone who was not involved in the work."""
        note = self._sealed(call, form.note)
        by, passed, how = call.principal, form.passed, form.how
        return self._step(call, case, lambda c, limits: c.inspect(by, passed, how, note, limits, call.now))

    @command
    def rate(self, call: Call, case: Id, form: steps.Rating) -> Answer:
        """Rating by a party; omitted questions count as not answered."""
        answer = _answer(form)
        return self._step_of_party(call, case, form.code, lambda c, by, limits: c.rate(by, answer, limits, call.now))

    @command
    def call_back(self, call: Call, case: Id, form: steps.Callback) -> Answer:
        """The hotline's one callback of a party."""
        by, person, reached = call.principal, form.person, form.reached
        given = answer if (answer := _answer(form)) != PartyAnswer() else None
        return self._step(call, case, lambda c, limits: c.call_back(by, person, reached, given, limits, call.now))

    @command
    def reopen(self, call: Call, case: Id, form: ReasonOfParty) -> Answer:
        """重办; of a merged case, that of the case it was merged into."""
        data, note = self.data.of(call), self._sealed(call, form.note)

        def act(document: Case, by: Principal, limits: Limits) -> None:
            parent = parent_of(data, document)
            document.reopen(by, form.reason, limits, call.now, form.person, note, parent)

        return self._step_of_party(call, case, form.code, act)

    @command
    def urge(self, call: Call, case: Id, form: ByParty) -> Answer:
        """催办; `said` is the urge's number."""

        def act(document: Case, by: Principal, limits: Limits) -> int:
            return document.urge(by, limits, call.now, form.person, self._state_of_parent(call, document))

        return self._step_of_party(call, case, form.code, act)

    @command
    def answer_urge(self, call: Call, case: Id, number: Number, form: steps.Remark) -> Answer:
        note = self._sealed(call, form.note)
        return self._step(call, case, lambda c, _: c.answer_urge(call.principal, number, note, call.now))

    @command
    def supervise(self, call: Call, case: Id, form: steps.Reason) -> Answer:
        """督办; `said` is the supervision's number."""
        return self._step(call, case, lambda c, _: c.supervise(call.principal, form.reason, call.now))

    @command
    def answer_supervision(self, call: Call, case: Id, number: Number, form: steps.Remark) -> Answer:
        note = self._sealed(call, form.note)
        return self._step(call, case, lambda c, _: c.answer_supervision(call.principal, number, note, call.now))

    @command
    def close_supervision(self, call: Call, case: Id, number: Number) -> Answer:
        return self._step(call, case, lambda c, _: c.close_supervision(call.principal, number, call.now))

    @command
    def recompute_limits(self, call: Call, case: Id) -> Answer:
        """Applies the current settings to this open case, by a street or centre above it."""
        data = self.data.of(call)

        def act(document: Case, _: Limits) -> None:
            limits, version = limits_now(data, document.area)
            document.recompute(call.principal, limits, version, call.now)

        return self._step(call, case, act)


def _answer(form: steps.PartyAnswer) -> PartyAnswer:
    return PartyAnswer(contacted=form.contacted, solved=form.solved, satisfied=form.satisfied)
