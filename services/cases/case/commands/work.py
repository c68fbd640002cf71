"""Use cases of the lead's work: contact, sub-tasks, requests, the result."""

from __future__ import annotations

from chassis.context import Call
from chassis.messaging.rpc_server import command
from chassis.types import Answer, Id, Number
from services.cases.api import steps
from services.cases.case.commands.base import CaseCommands
from services.cases.case.model.case import Case
from services.cases.case.model.handling import Resolution
from services.cases.case.model.lead_requests import RequestForm
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
        """The lead has spoken with the party."""
        words = self._sealed(call, form.note)
        return self._step(call, case, lambda c, _: c.contact(call.principal, words, call.now))

    @command
    def note_progress(self, call: Call, case: Id, form: steps.Remark) -> Answer:
        words = self._sealed(call, form.note)
        return self._step(call, case, lambda c, _: c.note_progress(call.principal, words, call.now))

    @command
    def assign_sub_task(self, call: Call, case: Id, task: steps.SubTask) -> Answer:
        """`said` is its number."""
        unit_of(self.data.of(call), task.unit, "unit")
        words = seal(self._sealer(call), "title", task.title)
        return self._step(
            call, case, lambda c, _: c.assign_sub_task(call.principal, task.unit, words, task.due, call.now)
        )

    @command
    def reassign_sub_task(self, call: Call, case: Id, number: Number, form: steps.NamedUnit) -> Answer:
        unit_of(self.data.of(call), form.unit, "unit")
        return self._step(call, case, lambda c, _: c.reassign_sub_task(call.principal, number, form.unit, call.now))

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
        words = self._sealed(call, form.note)
        return self._step(call, case, lambda c, _: c.finish_sub_task(call.principal, number, words, call.now))

    @command
    def waive_sub_task(self, call: Call, case: Id, number: Number, form: steps.Reason) -> Answer:
        return self._step(call, case, lambda c, _: c.waive_sub_task(call.principal, number, form.reason, call.now))

    @command
    def ask(self, call: Call, case: Id, request: steps.Request) -> Answer:
        """Transfer, extension or suspension; `said` is the request's number."""
        data = self.data.of(call)
        to = unit_of(data, request.to, "to") if request.to else None
        words = self._sealed(call, request.note)

        def act(document: Case, limits: Limits) -> int:
            asked = RequestForm(
                what=request.what,
                reason=request.reason,
                party_told=request.party_told,
                note=words,
                until=request.until,
                to=to,
                entry=entry_of(data, document.category, request.to, request.entry) if request.to else None,
            )
            return document.ask(call.principal, asked, limits, call.now)

        return self._step(call, case, act)

    @command
    def grant(self, call: Call, case: Id, number: Number) -> Answer:
        return self._step(call, case, lambda c, limits: c.grant(call.principal, number, limits, call.now))

    @command
    def refuse(self, call: Call, case: Id, number: Number, form: steps.Reason) -> Answer:
        return self._step(call, case, lambda c, _: c.refuse(call.principal, number, form.reason, call.now))

    @command
    def resume(self, call: Call, case: Id) -> Answer:
        """Before the suspension ends by itself."""
        return self._step(call, case, lambda c, limits: c.resume(call.principal, limits, call.now))

    @command
    def resolve(self, call: Call, case: Id, result: steps.Result) -> Answer:
        """办结; the inspectors have it at once."""
        done = Resolution(
            outcome=result.outcome,
            proof=result.proof,
            note=self._sealed(call, result.note),
            planned_for=result.planned_for,
        )
        return self._step(
            call, case, lambda c, limits: c.resolve(call.principal, done, limits, call.now), photos=result.proof
        )

    @command
    def answer_reporter(self, call: Call, case: Id, form: steps.Remark) -> Answer:
        """首问: by the first owner, in their absence by the B post."""
        data, words = self.data.of(call), self._sealed(call, form.note)

        def act(document: Case, _: Limits) -> None:
            backups = backups_of(data, document.first_person)
            answering = who_answers(document.first_person, backups, call.now)
            document.answer_reporter(call.principal, words, frozenset({answering}), call.now)

        return self._step(call, case, act)
