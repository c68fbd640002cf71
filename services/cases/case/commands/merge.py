"""Commands of merging, and the event handlers of its saga: one write in the other case per event."""

from __future__ import annotations

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command
from chassis.types import Answer, Id
from chassis.usecases.records import named
from services.cases.api import steps
from services.cases.api.states import Priority, State
from services.cases.case.commands.base import Act, CaseCommands
from services.cases.case.events import ChildRefused, Merged, Rated, RatingAsked, Unmerged
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits
from services.cases.case.model.merge import MergedChild, Target
from services.cases.case.model.rating import Answer as PartyAnswer
from services.cases.directory.limit_versions import limits_of_case


class MergeCommands(CaseCommands):
    @command
    def merge(self, call: Call, case: Id, form: steps.Merge) -> Answer:
        """并案: merges this case into another, by a dispatcher who sees both."""
        data = self.data.of(call)

        def act(document: Case, limits: Limits) -> None:
            document.require_may_merge(call.principal)
            other = named(data, Case, form.into, "into")
            target = Target(
                case=form.into,
                state=State(other.state),
                area=other.area,
                personal_claim=other.personal_claim,
                about=other.about,
                merged_into=other.merged_into,
            )
            document.merge_into(call.principal, target, limits, call.now)

        return self._step(call, case, act)

    @command
    def unmerge(self, call: Call, case: Id) -> Answer:
        """拆分, before the parent is closed."""
        data = self.data.of(call)

        def act(document: Case, limits: object) -> None:
            parent = data.get(Case, document.merged_into) if document.merged_into else document
            document.unmerge(call.principal, State(parent.state), limits_of_case(data, document), call.now)

        return self._step(call, case, act)

    @handles(Merged)
    def take_child(self, event: Received) -> None:
        merged = event.as_(Merged)
        child = MergedChild(
            case=merged.case.id,
            sequence=event.envelope.sequence,
            priority=Priority(merged.case.priority),
            started_at=merged.started_at,
            parties=merged.parties,
        )
        self._follow(event, merged.into, lambda c, limits: c.take_child(child, limits, event.now))

    @handles(ChildRefused)
    def come_back(self, event: Received) -> None:
        refused = event.as_(ChildRefused)
        self._follow(event, refused.child, lambda c, limits: c.come_back(refused.case.id, limits, event.now))

    @handles(Unmerged)
    def release_child(self, event: Received) -> None:
        unmerged = event.as_(Unmerged)
        child, sequence = unmerged.case.id, event.envelope.sequence
        self._follow(event, unmerged.out_of, lambda c, limits: c.release_child(child, sequence, limits, event.now))

    @handles(RatingAsked)
    def ask_children(self, event: Received) -> None:
        """Opens the rating for the parties of merged cases too."""
        asked = event.as_(RatingAsked)
        for child in asked.children:
            self._follow(event, child, lambda c, _: c.open_rating(asked.until, asked.case.lead, asked.case.round))

    @handles(Rated)
    def take_child_answer(self, event: Received) -> None:
        rated = event.as_(Rated)
        if rated.of:
            answer = PartyAnswer(contacted=rated.contacted, solved=rated.solved, satisfied=rated.satisfied)
            self._follow(
                event,
                rated.of,
                lambda c, limits: c.take_child_answer(rated.case.id, answer, rated.round, limits, event.now),
            )

    def _follow(self, event: Received, case: str, act: Act) -> None:
        data = self.data.of(event)
        data.change(Case, case, lambda document: act(document, limits_of_case(data, document)) and None)
