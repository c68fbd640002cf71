"""Use cases of rights requests: asking for a correction, deciding on it, writing what was accepted to the profile."""

from __future__ import annotations

from chassis.context import Call, Context, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.security.masking import mask
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import in_key_order
from chassis.usecases.records import change, create, get, step_answer, to_answer
from chassis.usecases.service import Documents
from chassis.validation import convert
from services.residents.api import rights_requests as api
from services.residents.api.people import Correction
from services.residents.directory.replicas import today
from services.residents.joins.lookups import join_of
from services.residents.own_record.access import OwnRecords
from services.residents.people.events import ResidentChanged
from services.residents.people.merges import records_of, who_stays
from services.residents.people.model import Resident
from services.residents.people.names import sealed_names
from services.residents.placed import in_area
from services.residents.rights_requests.deadline import deadline
from services.residents.rights_requests.events import RightsRequestChanged
from services.residents.rights_requests.model import ACCEPTED, CORRECTION, OPEN, AskedAlready, RightsRequest, Wanted
from services.residents.rights_requests.shown import ShownRightsRequests
from vocabulary.roles import Permission

_ANSWER = Permission.ANSWER_RIGHTS_REQUESTS
_LISTED = ("resident", "area", "kind", "field", "state", "asked_at", "due")


class RightsRequestCommands(OwnRecords, ShownRightsRequests):
    documents: Documents = (RightsRequest,)

    # -- of the person ---------------------------------------------------------------------------------

    @command
    def request_correction(self, call: Call, resident: Id, form: api.CorrectionRequest) -> Answer:
        """Asks that a field of the profile be corrected, by the person or their representative."""
        data, own = self.data.of(call), self._own(call, resident)
        given = _as_profile(form.field, form.value)

        def build(key: str) -> RightsRequest:
            self._require_possible(call, own.resident, given)
            self._require_not_asked(data, own.resident, form.field)
            wanted = Wanted(
                form.field, self._seal(call, form.value, "rights_request.wanted"),
                self._seal(call, form.note, "rights_request.note"),
            )  # fmt: skip
            acting = own.representative.key if own.representative else ""
            self._note_own(call, "correction_requested", own)
            return RightsRequest.correction(call.principal, key, own.resident, acting, wanted, deadline(data), call.now)

        return create(data, RightsRequest, build, step_answer)

    @command
    def withdraw_rights_request(self, call: Call, request: Id) -> Answer:
        def seen(found: RightsRequest, _: Context) -> bool:
            return bool(self._own(call, found.recorded_for))

        return change(
            self.data.of(call), RightsRequest, request, lambda found: found.withdraw(call.now), step_answer, seen
        )

    # -- of those who answer ---------------------------------------------------------------------------

    @query
    def list_rights_requests(self, call: Call, form: api.ListRightsRequests) -> Listed[Answer]:
        """Requests of an area that wait for an answer, or those whose deadline has passed."""
        data = self.data.of(call)
        where = in_area(call.principal, form.area or "", _ANSWER)
        where |= {"state": OPEN, "due": {"$lte": call.now}} if form.overdue else {"state": form.state}
        found, following = in_key_order(data, RightsRequest, where, form)
        return Listed(items=self._request_rows(call, data, found), next=following)

    @query
    def open_rights_request(self, call: Call, request: Id) -> Answer:
        """The request with what the profile has and what it should have, for whoever answers it."""
        data = self.data.of(call)
        found = get(data, RightsRequest, request)
        self.audit.record(call.principal, "residents.rights_request.opened", [request, found.resident], "rights")
        name = data.get(Resident, found.resident).name
        return (
            to_answer(found, "resident", "area", "decided_by")
            | self._opened_request(call, found)
            | {"name": self._opened(call, name, "resident.name")}
        )

    @command
    def accept_rights_request(self, call: Call, request: Id) -> Answer:
        """Accepts it: the profile gets a new version with the source `correction`."""
        data = self.data.of(call)

        def act(found: RightsRequest) -> None:
            resident = who_stays(data, found.recorded_for)
            found.accept(call.principal, _person(data, resident), call.now)
            self._require_possible(call, resident, self._asked_for(call, found))

        return change(data, RightsRequest, request, act, step_answer)

    @command
    def refuse_rights_request(self, call: Call, request: Id, form: api.Refusal) -> Answer:
        data, answer = self.data.of(call), self._seal(call, form.note, "rights_request.answer")

        def act(found: RightsRequest) -> None:
            person = _person(data, who_stays(data, found.recorded_for))
            found.refuse(call.principal, person, str(form.reason), answer, call.now)

        return change(data, RightsRequest, request, act, step_answer)

    # -- what follows ----------------------------------------------------------------------------------

    @handles(RightsRequestChanged)
    def apply_correction(self, event: Received) -> None:
        """Writes to the profile what was accepted; if it contradicts the profile by now, the request is open again."""
        data = self.data.of(event)
        request = data.get(RightsRequest, event.envelope.subject)
        if request.state != ACCEPTED or request.applied:
            return

        def act(found: Resident) -> None:
            sealed, facts = self.corrected_profile(event, found, self._asked_for(event, request), today(data))
            found.rectify(request.decided_by, sealed, facts, event.now, CORRECTION)

        settled = RightsRequest.settle
        try:
            data.change(Resident, who_stays(data, request.recorded_for).key, act)
        except Invalid:
            settled = RightsRequest.reopen
        data.change(RightsRequest, request.key, settled)

    @handles(ResidentChanged)
    def follow_resident_with_requests(self, event: Received) -> None:
        data, resident = self.data.of(event), event.envelope.subject
        for field in ("resident", "recorded_for"):
            for row in data.rows(RightsRequest, {field: resident}, ["recorded_for"], limit=ALL):
                owner = who_stays(data, row["recorded_for"])

                def follow(found: RightsRequest, owner: Resident = owner) -> None:
                    found.follow(owner)

                data.change(RightsRequest, row["key"], follow)

    def _require_possible(self, call: Call, resident: Resident, given: Answer) -> None:
        """Raises `Invalid` if the profile cannot be so: an impossible number, or a birthday that it contradicts."""
        try:
            self.corrected_profile(call, resident, given, today(self.data.of(call)))
        except Invalid as error:
            raise Invalid(*(("value", en, zh) for _, en, zh in error.faults)) from error

    def _asked_for(self, context: Context, request: RightsRequest) -> Answer:
        sealer = self.keys.of(context.tenant)
        value = sealer.open(request.wanted, "residents.rights_request.wanted") if request.wanted else ""
        return _as_profile(request.field, value)

    def _require_not_asked(self, data: TenantData, resident: Resident, field: str) -> None:
        where = {"recorded_for": {"$in": records_of(data, resident.key)}, "field": field, "state": OPEN}
        for row in data.rows(RightsRequest, where, ["field"], limit=1):
            raise AskedAlready(request=row["key"])

    def _request_rows(self, call: Call, data: TenantData, requests: list[RightsRequest]) -> list[Answer]:
        names = self._open_all(call, sealed_names(data, (each.resident for each in requests)))
        return [
            to_answer(each, *_LISTED)
            | {"name": mask("name", names[each.resident]["name"]), "overdue": each.is_overdue(call.now)}
            for each in requests
        ]


def _as_profile(field: str, value: str) -> Answer:
    """Returns the field of a profile with the value that it should have. Raises `Invalid`."""
    try:
        return {field: getattr(convert({field: value}, Correction), field)}
    except Invalid as error:
        raise Invalid(*(("value", en, zh) for _, en, zh in error.faults)) from error


def _person(data: TenantData, resident: Resident) -> str:
    """Returns the sign-in of the person, "" without one."""
    join = join_of(data, resident)
    return join.subject if join else ""
