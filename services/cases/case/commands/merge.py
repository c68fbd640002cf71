"""Commands of merging, and the event handlers of its saga: one write in the other case per event."""

from __future__ import annotations

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command
from chassis.errors import Unavailable
from chassis.types import Answer, Id
from chassis.usecases.records import named
from services.cases.api import steps
from services.cases.api.states import Priority, State
from services.cases.case.commands.base import Act, CaseCommands
from services.cases.case.events import (
    ChildRefused,
    Merged,
    Rated,
    RatingAsked,
    ReopeningAsked,
    Supplemented,
    Unmerged,
    UrgeAnswered,
    Urged,
    Withdrawn,
)
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits
from services.cases.case.model.merge import MergedChild, Target
from services.cases.case.model.rating import Answer as PartyAnswer
from services.cases.directory.limit_versions import limits_of_case
from services.cases.directory.merged_cases import parent_of


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
                personal_claim=other.personal_claim,
                about=other.about,
                merged_into=other.merged_into,
            )
            document.merge_into(call.principal, target, call.now)

        return self._step(call, case, act)

    @command
    def unmerge(self, call: Call, case: Id) -> Answer:
        """拆分, before the parent is closed."""
        data = self.data.of(call)

        def act(document: Case, _: object) -> None:
            parent = parent_of(data, document) or document
            limits = limits_of_case(data, document)
            document.unmerge(call.principal, State(parent.state), limits, call.now, parent.had_by(document.due))

        return self._step(call, case, act)

    @handles(Merged)
    def take_child(self, event: Received) -> None:
        """Takes in the child, with what its parties still wait for."""
        merged = event.as_(Merged)
        of_child = self.data.of(event).get(Case, merged.case.id)
        child = MergedChild(
            case=merged.case.id,
            sequence=event.envelope.sequence,
            priority=Priority(merged.case.priority),
            started_at=merged.started_at,
            parties=merged.parties,
            contactable=any(party.can_be_contacted for party in of_child.parties),
        )

        def act(parent: Case, limits: Limits) -> None:
            parent.take_child(child, limits, event.now)
            parent.take_child_urges(child.case, of_child.urges, event.now)

        self._follow(event, merged.into, act)

    @handles(ChildRefused)
    def come_back(self, event: Received) -> None:
        refused = event.as_(ChildRefused)
        self._follow(event, refused.child, lambda c, limits: c.come_back(refused.case.id, limits, event.now))

    @handles(Unmerged)
    def release_child(self, event: Received) -> None:
        unmerged = event.as_(Unmerged)
        self._release(event, unmerged.case.id, unmerged.out_of)

    @handles(Withdrawn)
    def release_withdrawn_child(self, event: Received) -> None:
        """The case that it was merged into goes on for the other parties."""
        withdrawn = event.as_(Withdrawn)
        if withdrawn.out_of:
            self._release(event, withdrawn.case.id, withdrawn.out_of)

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

    @handles(Urged)
    def take_child_urges(self, event: Received) -> None:
        parent = event.as_(Urged).case.merged_into
        if child := self._child_in(event, parent):
            self._follow(event, parent, lambda c, _: c.take_child_urges(child.key, child.urges, event.now))

    @handles(Supplemented)
    def take_child_report(self, event: Received) -> None:
        parent = event.as_(Supplemented).case.merged_into
        if child := self._child_in(event, parent):
            self._follow(event, parent, lambda c, _: c.take_child_report(child.key, event.now))

    @handles(ReopeningAsked)
    def take_child_reopening(self, event: Received) -> None:
        asked = event.as_(ReopeningAsked)
        parent = asked.case.merged_into
        if child := self._child_in(event, parent):
            self._follow(
                event, parent, lambda c, limits: c.take_child_reopening(child.key, asked.reason, limits, event.now)
            )

    @handles(UrgeAnswered)
    def take_answer_of_parent(self, event: Received) -> None:
        answered = event.as_(UrgeAnswered)
        if not answered.of:
            return
        urge = self.data.of(event).get(Case, answered.case.id).urges[answered.number - 1]
        at = urge.answered_at or event.now
        self._follow(event, answered.of, lambda c, _: c.take_answer_of_parent(answered.of_number, at, urge.note))

    def _child_in(self, event: Received, parent: str) -> Case | None:
        """Returns the case of the event if it is merged into `parent`; its answers and urges then count there.

        Raises `Unavailable`, so the event is retried, if the parent has not taken it in yet.
        """
        data = self.data.of(event)
        child = data.get(Case, event.envelope.subject) if parent else None
        if child is None or child.merged_into != parent:
            return None
        if all(entry.case != child.key for entry in data.get(Case, parent).merged_children()):
            raise Unavailable(retry_after=1)
        return child

    def _release(self, event: Received, child: str, parent: str) -> None:
        sequence = event.envelope.sequence
        self._follow(event, parent, lambda c, limits: c.release_child(child, sequence, limits, event.now))

    def _follow(self, event: Received, case: str, act: Act) -> None:
        data = self.data.of(event)
        data.change(Case, case, lambda document: act(document, limits_of_case(data, document)) and None)
