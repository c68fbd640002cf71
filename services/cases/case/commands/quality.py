"""Use cases of judging and pressure: inspection, rating, reopening, 催办, 督办."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from chassis.context import Call
from chassis.messaging.rpc_server import command
from services.cases.api.old_types import Answer, Id, Note, Number, Word
from services.cases.case.commands.base import CaseCommands
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits
from services.cases.case.model.rating import Answer as PartyAnswer
from services.cases.directory.limit_versions import limits_now

Satisfied = Annotated[int, msgspec.Meta(ge=1, le=5)]


class QualityCommands(CaseCommands):
    @command
    def assign_inspector(self, call: Call, case: Id, inspector: Id) -> Answer:
        """Who holds an inspector's post where the case lies."""
        by = call.principal
        return self._step_naming(call, case, inspector, lambda c, named, _: c.assign_inspector(by, named, call.now))

    @command
    def inspect(self, call: Call, case: Id, passed: bool, how: Literal["visit", "call"], note: Note) -> Answer:
        """核查, by somebody who had no part in the work."""
        words = self._sealed(call, note)
        return self._step(call, case, lambda c, limits: c.inspect(call.principal, passed, how, words, limits, call.now))

    @command
    def rate(
        self,
        call: Call,
        case: Id,
        contacted: bool | None = None,
        solved: bool | None = None,
        satisfied: Satisfied | None = None,
        code: Word = "",
    ) -> Answer:
        """By a party; what is left out counts as not answered."""
        answer = PartyAnswer(contacted=contacted, solved=solved, satisfied=satisfied)
        return self._step_of_party(call, case, code, lambda c, by, limits: c.rate(by, answer, limits, call.now))

    @command
    def call_back(
        self,
        call: Call,
        case: Id,
        person: Id,
        reached: bool,
        contacted: bool | None = None,
        solved: bool | None = None,
        satisfied: Satisfied | None = None,
    ) -> Answer:
        """The hotline's one callback of a party."""
        answer = PartyAnswer(contacted=contacted, solved=solved, satisfied=satisfied)
        said = answer if (contacted, solved, satisfied) != (None, None, None) else None
        return self._step(
            call, case, lambda c, limits: c.call_back(call.principal, person, reached, said, limits, call.now)
        )

    @command
    def reopen(self, call: Call, case: Id, reason: Id, person: Word = "", code: Word = "") -> Answer:
        return self._step_of_party(
            call, case, code, lambda c, by, limits: c.reopen(by, reason, limits, call.now, person)
        )

    @command
    def urge(self, call: Call, case: Id, person: Word = "", code: Word = "") -> Answer:
        """催办; `said` is its number."""
        return self._step_of_party(call, case, code, lambda c, by, limits: c.urge(by, limits, call.now, person))

    @command
    def answer_urge(self, call: Call, case: Id, number: Number, note: Note) -> Answer:
        words = self._sealed(call, note)
        return self._step(call, case, lambda c, _: c.answer_urge(call.principal, number, words, call.now))

    @command
    def supervise(self, call: Call, case: Id, reason: Id) -> Answer:
        """督办; `said` is its number."""
        return self._step(call, case, lambda c, _: c.supervise(call.principal, reason, call.now))

    @command
    def answer_supervision(self, call: Call, case: Id, number: Number, note: Note) -> Answer:
        words = self._sealed(call, note)
        return self._step(call, case, lambda c, _: c.answer_supervision(call.principal, number, words, call.now))

    @command
    def close_supervision(self, call: Call, case: Id, number: Number) -> Answer:
        return self._step(call, case, lambda c, _: c.close_supervision(call.principal, number, call.now))

    @command
    def recompute_limits(self, call: Call, case: Id) -> Answer:
        """The settings of today hold for this open case too; by a street or centre over it."""
        data = self.data.of(call)

        def act(document: Case, _: Limits) -> None:
            limits, version = limits_now(data, document.area)
            document.recompute(call.principal, limits, version, call.now)

        return self._step(call, case, act)
