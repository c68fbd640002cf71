"""Base of the case's command handlers: load the case, fire due timers, run the step, save, return the summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hmac import compare_digest
from typing import Any

from chassis.context import Call
from chassis.errors import NotFound, Stale
from chassis.persistence.write_plan import version_after_save
from chassis.security.principal import Principal
from chassis.security.sealing import Sealer
from chassis.types import Answer
from chassis.usecases.service import Documents, SealingUseCases
from services.cases.case.model.case import Case
from services.cases.case.model.limits import Limits
from services.cases.case.model.post_holders import HandlerOfNoPost, InspectorOfNoPost, PostHolder
from services.cases.case.model.visibility import sees
from services.cases.case.sealed_text import follow_code, seal
from services.cases.case.views import summary
from services.cases.directory.limit_versions import limits_of_case
from services.cases.directory.lookups import holder_of, wait_for_posts
from services.cases.directory.replicas import require_city
from services.cases.evidence.lookups import require_photos
from vocabulary.roles import Role

Act = Callable[[Case, Limits], Any]


class CaseCommands(SealingUseCases):
    """Base of the command handlers that change cases."""

    documents: Documents = (Case,)

    def _step(self, call: Call, case: str, act: Act, code: str = "", photos: tuple[str, ...] = ()) -> Answer:
        """Returns the case's summary, with the step's own result, such as a number, as `said`.

        `photos`: ids the step uses. They are checked inside the write, which a repeated request never reaches.
        """
        # A caller who uses a code stays anonymous, even if signed in.
        data = self.data.of(replace(call, actor="") if code else call)

        def acted(document: Case) -> Answer:
            limits = limits_of_case(data, document)
            document.tick(call.now, limits)
            require_photos(data, call.principal, photos)
            result = act(document, limits)
            answer = summary(document, call.principal) | {"version": version_after_save(document)}
            return answer if result is None else answer | {"said": result}

        try:
            answer: Answer = data.change(Case, case, acted)
        except Stale:
            # A conflict may be reported only to callers who see the case.
            if not code and not sees(data.get(Case, case), call.principal):
                raise NotFound() from None
            raise
        return answer

    def _step_naming(
        self, call: Call, case: str, subject: str, act: Callable[[Case, PostHolder, Limits], Any]
    ) -> Answer:
        """Runs a step that names a person, who needs a post for it; `NotKnownYet` if that post may be on its way."""
        data = self.data.of(call)
        named = holder_of(data, call.principal, subject)
        try:
            return self._step(call, case, lambda c, limits: act(c, named, limits))
        except (HandlerOfNoPost, InspectorOfNoPost):
            wait_for_posts(data, named)
            raise

    def _step_of_party(self, call: Call, case: str, code: str, act: Callable[[Case, Principal, Limits], Any]) -> Answer:
        """Runs a step as the caller, or as the party that reported the case if the case's `code` is given."""
        return self._step(call, case, lambda c, limits: act(c, self._as_party(call, c, code), limits), code)

    def _as_party(self, call: Call, case: Case, code: str) -> Principal:
        if not code:
            return call.principal
        if not compare_digest(code, follow_code(self._sealer(call), case.key)) or not case.parties:
            raise NotFound()
        return self._party_principal(call, case.parties[0].person)

    def _party_principal(self, call: Call, person: str) -> Principal:
        return Principal(tenant=call.tenant, subject=person, roles=frozenset({Role.RESIDENT}))

    def _sealed(self, call: Call, note: str) -> str:
        return seal(self._sealer(call), "note", note)

    def _sealer(self, call: Call) -> Sealer:
        if call.principal.subject.startswith("anonymous:"):
            require_city(self.data.of(call))  # before keys are made for it
        return self.keys.of(call.tenant)
