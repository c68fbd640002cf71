"""A request with both values, for its person and for whoever answers it."""

from __future__ import annotations

from chassis.context import Call
from chassis.types import Answer
from chassis.usecases.records import to_answer
from services.residents.people.merges import who_stays
from services.residents.people.sealed_profile import SealedProfiles
from services.residents.representatives.model import Representative
from services.residents.rights_requests.model import OPEN, RightsRequest

_SHOWN = ("kind", "field", "state", "asked_at", "due", "decided_at", "reason")
_SEALED = ("wanted", "note", "answer")


class ShownRightsRequests(SealedProfiles):
    def _opened_request(self, call: Call, request: RightsRequest) -> Answer:
        """The caller has audited it."""
        data, opened = self.data.of(call), self._opened_of(call, request, "rights_request", _SEALED)
        held = ""
        if request.state == OPEN:
            profile = self.profile_of(call, who_stays(data, request.recorded_for))
            held = (profile.sealed_texts() | {"sex": profile.sex})[request.field]
        else:
            opened["wanted"] = ""
        asked_for = data.get(Representative, request.representative) if request.representative else None
        return to_answer(request, *_SHOWN) | opened | {
            "held": held, "overdue": request.is_overdue(call.now),
            "represented_by": self._opened(call, asked_for.name, "representative.name") if asked_for else "",
        }  # fmt: skip
