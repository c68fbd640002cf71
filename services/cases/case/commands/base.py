"""Base of the case's command handlers: load the case, fire due timers, run the step, save, return the summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chassis.context import Call, Context
from chassis.persistence.write_plan import version_after_save
from chassis.security.principal import Principal
from chassis.security.sealing import Sealer
from chassis.types import Answer
from chassis.usecases.records import change
from chassis.usecases.service import Documents, SealingUseCases
from chassis.usecases.visibility import is_seen
from services.cases.api.states import State
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits
from services.cases.case.model.permissions import as_party, require_no_staff
from services.cases.case.model.post_holders import HandlerOfNoPost, InspectorOfNoPost, PostHolder
from services.cases.case.sealed_text import code_opens, seal
from services.cases.case.views import summary
from services.cases.directory.limit_versions import limits_of_case
from services.cases.directory.lookups import holder_of, wait_for_posts
from services.cases.directory.replicas import require_city
from services.cases.evidence.lookups import claim_photos

Act = Callable[[Case, Limits], Any]
Seen = Callable[[Case, Context], bool]


class CaseCommands(SealingUseCases):
    """Base of the command handlers that change cases."""

    documents: Documents = (Case,)

    def _step(self, call: Call, case: str, act: Act, seen: Seen = is_seen, photos: tuple[str, ...] = ()) -> Answer:
        """Returns the case's summary, with the step's own result, such as a number, as `said`.

        `act` runs once the caller is known to see the case, so whatever else the request names is looked up in it.
        `photos`: ids the step uses. They are claimed inside the write, which a repeated request never reaches.
        """
        data = self.data.of(call)
        said: Any = None

        def acted(document: Case) -> None:
            nonlocal said
            limits = limits_of_case(data, document)
            document.tick(call.now, limits)
            said = act(document, limits)
            if photos:
                claim_photos(self.data.of(replace(call, if_match=None)), call.principal, photos, case)

        def answer(document: Case) -> Answer:
            shown = summary(document, call.principal) | {"version": version_after_save(document)}
            return shown if said is None else shown | {"said": said}

        return change(data, Case, case, acted, answer, seen)

    def _step_naming(
        self, call: Call, case: str, subject: str, act: Callable[[Case, PostHolder, Limits], Any]
    ) -> Answer:
        """Runs a step that names a person, who needs a post for it; `NotKnownYet` if that post may be on its way."""
        data = self.data.of(call)

        def acted(document: Case, limits: Limits) -> Any:
            named = holder_of(data, call.principal, subject)
            try:
                return act(document, named, limits)
            except (HandlerOfNoPost, InspectorOfNoPost):
                wait_for_posts(data, named)
                raise

        return self._step(call, case, acted)

    def _step_of_party(self, call: Call, case: str, code: str, act: Callable[[Case, Principal, Limits], Any]) -> Answer:
        """Runs a step as the caller, or as the party that reported the case if the case's `code` is given."""
        if not code:
            return self._step(call, case, lambda c, limits: act(c, call.principal, limits))
        require_no_staff(call.principal)
        opens = code_opens(self._sealer(call), case, code)
        # A caller who uses a code stays anonymous, even if signed in.
        return self._step(
            replace(call, actor=""),
            case,
            lambda c, limits: act(c, as_party(call.tenant, c.parties[0].person), limits),
            lambda c, _: opens and bool(c.parties),
        )

    def _state_of_parent(self, call: Call, case: Case) -> State | None:
        """Returns the state of the case that this one was merged into; None if it was not."""
        return State(self.data.of(call).get(Case, case.merged_into).state) if case.merged_into else None

    def _sealed(self, call: Call, note: str) -> str:
        return seal(self._sealer(call), "note", note)

    def _sealer(self, call: Call) -> Sealer:
        if call.principal.subject.startswith("anonymous:"):
            require_city(self.data.of(call))  # before keys are made for it
        return self.keys.of(call.tenant)
