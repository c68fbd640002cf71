"""Commands and queries of mediation, for participants only."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal
from chassis.types import Answer, Id, Listed, Page
from chassis.usecases.pages import newest_first
from chassis.usecases.records import create, fields_of, get, step_answer, to_answer
from chassis.usecases.service import Documents
from services.cases.api import mediation as api
from services.cases.directory.lookups import require_place
from services.cases.mediation.model import Mediation, Participant
from services.cases.records import RecordCommands, require_case, shown_case
from vocabulary.access import require_role
from vocabulary.roles import Permission

_SUMMARY = fields_of(api.ListedMediation)


class MediationCommands(RecordCommands):
    documents: Documents = (Mediation,)

    @command
    def open_mediation(self, call: Call, opening: api.Opening) -> Answer:
        participants = [
            Participant(
                person=person.person,
                capacity=person.capacity,
                body=person.body,
                name=self._seal(call, person.name, "mediation.name"),
            )
            for person in opening.participants
        ]
        data = self.data.of(call)

        def build(key: str) -> Mediation:
            mediation = Mediation.open(
                key,
                call.principal,
                area=opening.area,
                category=opening.category,
                topic=self._seal(call, opening.topic, "mediation.topic"),
                participants=participants,
                now=call.now,
                case=opening.case,
                standing=opening.standing,
            )
            require_place(data, opening.area, "area")
            require_case(data, opening.case)
            return mediation

        return create(data, Mediation, build, step_answer)

    @command
    def hold_mediation_session(self, call: Call, mediation: Id, held: api.MediationSession) -> Answer:
        sealed = self._seal(call, held.minutes, "mediation.minutes")
        return self._act(
            call,
            Mediation,
            mediation,
            lambda found: found.hold_session(call.principal, held.present, sealed, call.now),
        )

    @command
    def propose_agreement(self, call: Call, mediation: Id, proposed: api.Agreement) -> Answer:
        sealed = self._seal(call, proposed.agreement, "mediation.agreement")
        return self._act(
            call,
            Mediation,
            mediation,
            lambda found: found.propose(call.principal, sealed, proposed.fulfil_by, call.now),
        )

    @command
    def sign_agreement(self, call: Call, mediation: Id) -> Answer:
        return self._act(call, Mediation, mediation, lambda found: found.sign(call.principal, call.now))

    @command
    def confirm_fulfilled(self, call: Call, mediation: Id) -> Answer:
        return self._act(call, Mediation, mediation, lambda found: found.confirm_fulfilled(call.principal, call.now))

    @command
    def report_default(self, call: Call, mediation: Id) -> Answer:
        return self._act(call, Mediation, mediation, lambda found: found.report_default(call.principal, call.now))

    @command
    def leave_mediation(self, call: Call, mediation: Id) -> Answer:
        return self._act(call, Mediation, mediation, lambda found: found.leave(call.principal))

    @command
    def give_up_mediation(self, call: Call, mediation: Id) -> Answer:
        return self._act(call, Mediation, mediation, lambda found: found.give_up(call.principal))

    @query
    def get_mediation(self, call: Call, mediation: Id) -> Answer:
        data = self.data.of(call)
        found = get(data, Mediation, mediation)
        opened = self._open(call, mediation, {"mediation.topic": found.topic, "mediation.agreement": found.agreement})
        sealer = self.keys.of(call.tenant)
        answer = _shown(data, call.principal, found) | opened
        answer |= to_answer(found, "standing", "convener", "participants", "sessions")
        for person in answer["participants"]:
            person["name"] = sealer.open(person["name"], "cases.mediation.name") if person.get("name") else ""
        for session in answer["sessions"]:
            session["minutes"] = sealer.open(session["minutes"], "cases.mediation.minutes")
        return answer

    @query
    def list_mediations(self, call: Call, page: Page) -> Listed[Answer]:
        """The mediations that the caller takes part in."""
        require_role(call.principal, Permission.TAKE_PART)
        where, data = {"people": call.principal.subject}, self.data.of(call)
        return newest_first(data, Mediation, where, "opened_at", page, lambda one: _shown(data, call.principal, one))


def _shown(data: TenantData, by: Principal, one: Mediation) -> Answer:
    """Returns a row; it names its case unless that would tell a participant too much (`shown_case`)."""
    return to_answer(one, *_SUMMARY) | {"case": shown_case(data, by, one.case)["case"]}
