"""Commands of the lead's work: contact, sub-tasks, requests, the result."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command
from chassis.types import Answer, Id, Number
from services.cases.api import steps
from services.cases.case.commands.base import CaseCommands
from services.cases.case.model.case import Case
from services.cases.case.model.handling import Resolution
from services.cases.case.model.lead_requests import RequestInput
from services.cases.case.model.limits import Limits
from services.cases.case.sealed_text import seal
from services.cases.directory.absences import backups_of, who_answers
from services.cases.directory.lookups import entry_of, unit_of


class WorkCommands(CaseCommands):
    @command
    def start(self, call: Call, case: Id) -> Answer:
        return self._step(call, case, lambda c, _: c.start(call.principal, call.now))

    @command
    def contact(self, call: Call, case: Id, form: steps.Remark) -> Answer:
        """Records the lead's contact with the party."""
        note = self._sealed(call, form.note)
        return self._step(call, case, lambda c, _: c.contact(call.principal, note, call.now))

    @command
    def note_progress(self, call: Call, case: Id, form: steps.Remark) -> Answer:
        note = self._sealed(call, form.note)
        return self._step(call, case, lambda c, _: c.note_progress(call.principal, note, call.now))

    @command
    def assign_sub_task(self, call: Call, case: Id, task: steps.SubTask) -> Answer:
        """Assigns a sub-task; `said` is its number."""
        data, title = self.data.of(call), seal(self._sealer(call), "title", task.title)

        def act(document: Case, _: Limits) -> int:
            unit = unit_of(data, task.unit, "unit")
            return document.assign_sub_task(call.principal, unit, title, task.due, call.now)

        return self._step(call, case, act)

    @command
    def reassign_sub_task(self, call: Call, case: Id, number: Number, form: steps.NamedUnit) -> Answer:
        data = self.data.of(call)

        def act(document: Case, _: Limits) -> None:
            document.reassign_sub_task(call.principal, number, unit_of(data, form.unit, "unit"), call.now)

        return self._step(call, case, act)

    @command
    def accept_sub_task(self, call: Call, case: Id, number: Number, form: steps.Handler) -> Answer:
        by = call.principal
        return self._step_naming(
            call, case, form.handler, lambda c, named, _: c.accept_sub_task(by, number, named, call.now)
        )

    @command
    def return_sub_task(self, call: Call, case: Id, number: Number, form: steps.Reason) -> Answer:
        return self._step(call, case, lambda c, _: c.return_sub_task(call.principal, number, form.reason, call.now))

    @command
    def finish_sub_task(self, call: Call, case: Id, number: Number, form: steps.Remark) -> Answer:
        note = self._sealed(call, form.note)
        return self._step(call, case, lambda c, _: c.finish_sub_task(call.principal, number, note, call.now))

    @command
    def waive_sub_task(self, call: Call, case: Id, number: Number, form: steps.Reason) -> Answer:
        return self._step(call, case, lambda c, _: c.waive_sub_task(call.principal, number, form.reason, call.now))

    @command
    def ask(self, call: Call, case: Id, request: steps.Request) -> Answer:
        """Requests a transfer, an extension or a suspension; `said` is the request's number."""
        data = self.data.of(call)
        note = self._sealed(call, request.note)

        def act(document: Case, limits: Limits) -> int:
            form = RequestInput(
                what=request.what,
                reason=request.reason,
                party_told=request.party_told,
                note=note,
                until=request.until,
                to=unit_of(data, request.to, "to") if request.to else None,
                entry=entry_of(data, document.category, request.to, request.entry) if request.to else None,
            )
            return document.ask(call.principal, form, limits, call.now)

        return self._step(call, case, act)

    @command
    def grant(self, call: Call, case: Id, number: Number) -> Answer:
        return self._step(call, case, lambda c, limits: c.grant(call.principal, number, limits, call.now))

    @command
    def refuse(self, call: Call, case: Id, number: Number, form: steps.Reason) -> Answer:
        return self._step(call, case, lambda c, _: c.refuse(call.principal, number, form.reason, call.now))

    @command
    def resume(self, call: Call, case: Id) -> Answer:
        """Resumes the work before the suspension ends."""
        return self._step(call, case, lambda c, limits: c.resume(call.principal, limits, call.now))

    @command
    def resolve(self, call: Call, case: Id, result: steps.Result) -> Answer:
        """办结; hands the case to inspection at once."""
        resolution = Resolution(
            outcome=result.outcome,
            proof=result.proof,
            note=self._sealed(call, result.note),
            planned_for=result.planned_for,
        )
        return self._step(
            call, case, lambda c, limits: c.resolve(call.principal, resolution, limits, call.now), photos=result.proof
        )

    @command
    def answer_reporter(self, call: Call, case: Id, form: steps.Remark) -> Answer:
        """首问负责: the answer of the first owner, or in their absence of the holder of their B post."""
        data, note = self.data.of(call), self._sealed(call, form.note)

        def act(document: Case, _: Limits) -> None:
            backups = backups_of(data, document.first_person)
            answering = who_answers(document.first_person, backups, call.now)
            document.answer_reporter(call.principal, note, frozenset({answering}), call.now)

        return self._step(call, case, act)
