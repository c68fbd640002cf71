"""Commands and event handlers of needs, and the colour of a household's card."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from chassis.context import Call, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command
from chassis.persistence.tenant_data import ALL
from chassis.types import Answer, Id
from chassis.usecases.records import change, create, named, step_answer
from chassis.usecases.service import Documents
from services.residents.api import needs as api
from services.residents.directory.care import care_of, require_listed
from services.residents.directory.replicas import today
from services.residents.households.model import Household
from services.residents.needs.events import NeedChanged
from services.residents.needs.model import ENDED, OPEN, Facts, Need
from services.residents.people.events import ResidentChanged
from services.residents.people.merges import records_of, who_stays
from services.residents.people.model import Resident
from services.residents.records import ResidentsUseCases
from vocabulary.access import require_in_area
from vocabulary.roles import Permission


class NeedCommands(ResidentsUseCases):
    documents: Documents = (Need,)

    @command
    def record_need(self, call: Call, form: api.NewNeed) -> Answer:
        """Records what a resident needs; each class once until it has ended."""
        data = self.data.of(call)

        def build(key: str) -> Need:
            resident = named(data, Resident, form.resident, "resident")
            require_in_area(call.principal, Permission.KEEP_NEEDS, resident.area)
            require_listed(form.need, care_of(data).needs, "need")
            since = form.since or today(data)
            facts = Facts(form.need, form.level, since, form.source, self._seal(call, form.note, "need.note"))
            known = data.find(Need, {"resident": resident.key, "state": {"$ne": ENDED}}, limit=ALL)
            return Need.record(call.principal, key, resident, facts, [each.need for each in known], call.now)

        return create(data, Need, build, step_answer)

    @command
    def revise_need(self, call: Call, need: Id, form: api.NeedRevision) -> Answer:
        given = {name: value for name, value in msgspec.structs.asdict(form).items() if value not in (None, "")}
        if form.note is not None:
            given["note"] = self._seal(call, form.note, "need.note")
        return self._change_need(
            call, need, lambda found: found.revise(call.principal, found.facts._replace(**given), call.now)
        )

    @command
    def meet_need(self, call: Call, need: Id, form: api.NeedStep) -> Answer:
        """What is needed is there now."""
        why = self._seal(call, form.why, "need.why")
        return self._change_need(call, need, lambda found: found.meet(call.principal, why))

    @command
    def reopen_need(self, call: Call, need: Id, form: api.NeedStep) -> Answer:
        why = self._seal(call, form.why, "need.why")
        return self._change_need(call, need, lambda found: found.reopen(call.principal, why))

    @command
    def end_need(self, call: Call, need: Id, form: api.NeedStep) -> Answer:
        why = self._seal(call, form.why, "need.why")
        return self._change_need(call, need, lambda found: found.end(call.principal, why))

    @command
    def colour_card(self, call: Call, household: Id, form: api.NewColour) -> Answer:
        """The card of a household (五色户卡); its members are listed by it."""
        data = self.data.of(call)

        def act(found: Household) -> None:
            require_in_area(call.principal, Permission.KEEP_NEEDS, found.area)
            if form.colour:
                require_listed(form.colour, care_of(data).colours, "colour")
            found.colour_card(call.principal, form.colour)

        return change(data, Household, household, act, step_answer)

    @handles(NeedChanged)
    def list_by_need(self, event: Received) -> None:
        """Lists find a resident by their open needs."""
        data = self.data.of(event)

        def act(found: Resident) -> None:
            rows = data.rows(Need, {"resident": found.key, "state": OPEN}, ["need"], limit=ALL)
            found.need_now(sorted({row["need"] for row in rows}))

        for resident in event.as_(NeedChanged).residents:
            data.change(Resident, resident, act)

    @handles(ResidentChanged)
    def follow_resident(self, event: Received) -> None:
        """Needs move with the resident, also into a record that theirs is merged into, and end with their death."""
        data = self.data.of(event)
        whose = records_of(data, event.envelope.subject)
        for row in data.rows(Need, {"recorded_for": {"$in": whose}}, ["recorded_for"], limit=ALL):
            data.change(Need, row["key"], lambda found: found.follow(who_stays(data, found.recorded_for)))

    def _change_need(self, call: Call, need: str, act: Callable[[Need], object]) -> Answer:
        return change(self.data.of(call), Need, need, act, step_answer)
