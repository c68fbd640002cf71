"""How every step on a case is taken: load, let it catch up with its timers, act, save, answer how it stands."""

from __future__ import annotations

from collections.abc import Callable
from hmac import compare_digest
from typing import Any

from chassis.access import Principal
from chassis.context import Call
from chassis.crypto import KeyRing, Sealer
from chassis.data import DataSource, TenantData
from chassis.errors import NotFound
from services.cases.inputs import Answer
from services.cases.model.case import Case
from services.cases.model.evidence import Photo
from services.cases.model.limits import Limits
from services.cases.model.views import summary
from services.cases.terms import terms_of
from services.cases.words import follow_code, seal

Act = Callable[[Case, Limits], Any]


class Steps:
    """Base of the parts of the service that change cases."""

    data: DataSource
    keys: KeyRing

    def _step(self, call: Call, case: str, act: Act) -> Answer:
        """Answers the case's summary; `said` is what the step itself answered, such as a number."""
        data = self.data.of(call)

        def acted(document: Case) -> Answer:
            limits = terms_of(data, document)
            document.tick(call.now, limits)
            said = act(document, limits)
            answer = summary(document) | {"version": document.version + 1}
            return answer if said is None else answer | {"said": said}

        answer: Answer = data.change(Case, case, acted)
        return answer

    def _as_party(self, call: Call, case: Case, code: str) -> Principal:
        """Whoever calls, or with the case's own code the party that reported it."""
        if not code:
            return call.principal
        if not compare_digest(code, follow_code(self._sealer(call), case.key)) or not case.parties:
            raise NotFound()
        return Principal(tenant=call.tenant, subject=case.parties[0].person, roles=frozenset({"resident"}))

    def _sealed(self, call: Call, note: str) -> str:
        return seal(self._sealer(call), "note", note)

    def _sealer(self, call: Call) -> Sealer:
        return self.keys.of(call.tenant)


def require_photos(data: TenantData, by: Principal, photos: tuple[str, ...]) -> None:
    """Each is stored, the caller's own, and nothing else has it."""
    for photo in photos:
        data.get(Photo, photo).require_usable_by(by)
