"""Commands of dispatch: lead, whistle, returns and rulings."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command
from chassis.types import Answer, Id
from services.cases.api import steps
from services.cases.case.commands.base import CaseCommands
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits
from services.cases.case.model.post_holders import PostHolder
from services.cases.directory.lookups import further_order, listed_tiers, order_of, require_ground, unit_of
from services.cases.directory.reasons import require_reason


class DispatchCommands(CaseCommands):
    @command
    def dispatch(self, call: Call, case: Id, order: steps.Order) -> Answer:
        """派单 to one lead, named by a responsibility list."""
        data = self.data.of(call)
        return self._step(
            call,
            case,
            lambda c, limits: c.dispatch(call.principal, order_of(data, call.principal, c, order), limits, call.now),
        )

    @command
    def whistle(self, call: Call, case: Id, order: steps.Order) -> Answer:
        """吹哨 to a lead and further units, named by a list or the whistle table."""
        data, by = self.data.of(call), call.principal
        return self._step(call, case, lambda c, limits: c.whistle(by, order_of(data, by, c, order), limits, call.now))

    @command
    def whistle_more(self, call: Call, case: Id, form: steps.FurtherUnits) -> Answer:
        """Calls further units during the work; the lead stays."""
        data, by = self.data.of(call), call.principal
        return self._step(
            call, case, lambda c, limits: c.whistle_more(by, further_order(data, by, c, form.units), limits, call.now)
        )

    @command
    def redirect(self, call: Call, case: Id, order: steps.Order) -> Answer:
        """改派, after the accept limit."""
        data, by = self.data.of(call), call.principal
        return self._step(call, case, lambda c, limits: c.redirect(by, order_of(data, by, c, order), limits, call.now))

    @command
    def escalate(self, call: Call, case: Id, form: steps.Reason) -> Answer:
        """上报 one tier up."""
        return self._step(call, case, lambda c, _: c.escalate(call.principal, form.reason, call.now))

    @command
    def take_on(self, call: Call, case: Id, form: steps.Handler) -> Answer:
        """自办 by a community or street."""
        data, by = self.data.of(call), call.principal

        def act(document: Case, named: PostHolder, limits: Limits) -> None:
            document.take_on(by, named, limits, call.now, bool(listed_tiers(data, document.category)))

        return self._step_naming(call, case, form.handler, act)

    @command
    def accept(self, call: Call, case: Id, form: steps.Handler) -> Answer:
        """签收 by the lead."""
        by = call.principal
        return self._step_naming(
            call, case, form.handler, lambda c, named, limits: c.accept(by, named, limits, call.now)
        )

    @command
    def report_in(self, call: Call, case: Id, form: steps.HandlerIfAny) -> Answer:
        """报到 of a called unit; if it leads, it names a handler and work starts."""
        by = call.principal
        return self._step_naming(
            call, case, form.handler, lambda c, named, limits: c.report_in(by, named, limits, call.now)
        )

    @command
    def assign(self, call: Call, case: Id, form: steps.Handler) -> Answer:
        """Names another handler within the lead unit; also used for a handover."""
        return self._step_naming(
            call, case, form.handler, lambda c, named, _: c.assign(call.principal, named, call.now)
        )

    @command
    def return_case(self, call: Call, case: Id, form: steps.Return) -> Answer:
        """退单. `proposed`: the unit that should lead; `entry`: the list entry that names it."""
        data, note = self.data.of(call), self._sealed(call, form.note)

        def act(document: Case, limits: Limits) -> None:
            proposed = unit_of(data, form.proposed, "proposed")
            document.return_(call.principal, form.entry, proposed, form.reason, limits, call.now, note)
            require_reason(data, "returns", form.reason, form.note)
            require_ground(data, document.category, form.entry, form.proposed)

        return self._step(call, case, act)

    @command
    def rule(self, call: Call, case: Id, form: steps.Ruling) -> Answer:
        """裁定; without `lead` the street of the place leads."""
        data, note = self.data.of(call), self._sealed(call, form.note)

        def act(document: Case, limits: Limits) -> None:
            unit = unit_of(data, form.lead) if form.lead else None
            document.rule(call.principal, unit, form.reason, limits, call.now, note)
            require_reason(data, "rulings", form.reason, form.note)

        return self._step(call, case, act)

    @command
    def dispute_call(self, call: Call, case: Id, form: steps.Reason) -> Answer:
        """A called unit other than the lead objects to its call."""
        return self._step(call, case, lambda c, _: c.dispute_call(call.principal, form.reason, call.now))

    @command
    def release_unit(self, call: Call, case: Id, form: steps.NamedUnit) -> Answer:
        return self._step(call, case, lambda c, _: c.release(call.principal, form.unit, call.now))

    @command
    def grade_unit(self, call: Call, case: Id, form: steps.Grade) -> Answer:
        """The caller grades a called unit, 1 to 5."""
        return self._step(call, case, lambda c, _: c.grade(call.principal, form.unit, form.grade, call.now))

    @command
    def invite_members(self, call: Call, case: Id, form: steps.Branches) -> Answer:
        """吹哨党员报到: invites the members of party branches or teams."""
        return self._step(call, case, lambda c, _: c.invite_members(call.principal, form.branches, call.now))
