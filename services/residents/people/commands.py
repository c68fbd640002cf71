"""Commands of residents: recording, correcting, moving, merging."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import asdict

from chassis.context import Call, Context, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command
from chassis.errors import Refused
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.security.principal import codes_of
from chassis.types import Answer, Id
from chassis.usecases.records import change, create, named, step_answer
from chassis.usecases.service import Documents
from services.residents.api import people as api
from services.residents.directory.lookups import places_moved
from services.residents.directory.replicas import today
from services.residents.households.events import HouseholdChanged, HouseholdSplit
from services.residents.households.model import Household
from services.residents.people.events import ResidentChanged
from services.residents.people.merges import is_first_of_circle
from services.residents.people.model import SEALED, Resident, home_of
from services.residents.people.profile import Profile
from services.residents.people.queries import with_token
from services.residents.people.sealed_profile import SealedProfiles
from services.residents.settling import settle
from vocabulary.access import require_in_area
from vocabulary.places import GridMerge
from vocabulary.roles import Permission

_PROFILE = (*SEALED, "sex")


class KnownPerson(Refused):
    """`resident`: their record, which the caller sees."""

    code = "resident.known"
    en = "A person with this identity number is already recorded ({resident:verbatim}). Move them in instead."
    zh = "已有该公民身份号码的居民档案（{resident:verbatim}），请改为办理迁入。"


class PeopleCommands(SealedProfiles):
    documents: Documents = (Resident,)

    @command
    def record_resident(self, call: Call, form: api.NewResident) -> Answer:
        """Records a member of a household. A person with the same number elsewhere becomes a possible duplicate."""
        data = self.data.of(call)

        def build(key: str) -> Resident:
            household = named(data, Household, form.household, "household")
            require_in_area(call.principal, Permission.KEEP_RESIDENTS, household.area)
            profile = Profile.of(
                name=form.name, identity_number=form.identity_number, phone=form.phone, birthday=form.birthday,
                sex=form.sex,
            )  # fmt: skip
            profile.require_born_by(today(data))
            self._require_unknown(call, profile)
            sealed, facts = self.sealed_profile(call, profile, household.area)
            return Resident.record(call.principal, key, household, form.relation, sealed, facts, call.now, form.source)

        return create(data, Resident, build, step_answer)

    @command
    def correct_resident(self, call: Call, resident: Id, form: api.Correction) -> Answer:
        data, why = self.data.of(call), self._seal(call, form.why, "resident.why")

        def act(found: Resident) -> None:
            require_in_area(call.principal, Permission.KEEP_RESIDENTS, found.area)
            given = {name: value for name, value in asdict(form).items() if name in _PROFILE and value is not None}
            sealed, facts = self.corrected_profile(call, found, given, today(data))
            found.correct(call.principal, sealed, facts, call.now, form.source, why)

        return change(data, Resident, resident, act, step_answer)

    @command
    def move_in(self, call: Call, resident: Id, form: api.MoveIn) -> Answer:
        data, why = self.data.of(call), self._seal(call, form.why, "resident.why")

        def act(found: Resident) -> None:
            household = named(data, Household, form.household, "household")
            tokens = self._tokens(call, found, household.area)
            found.move_in(call.principal, household, form.relation, tokens, call.now, form.source, why)

        return change(data, Resident, resident, act, step_answer)

    @command
    def move_out(self, call: Call, resident: Id, form: api.MoveOut) -> Answer:
        why = self._seal(call, form.why, "resident.why")
        return self._change(call, resident, lambda found: found.move_out(call.principal, call.now, form.source, why))

    @command
    def record_death(self, call: Call, resident: Id, form: api.Death) -> Answer:
        data, day = self.data.of(call), self._seal(call, form.on.isoformat(), "resident.died_on")

        def act(found: Resident) -> None:
            found.die(call.principal, form.on, today(data), day, call.now, form.source)

        return change(data, Resident, resident, act, step_answer)

    @command
    def merge_residents(self, call: Call, resident: Id, form: api.MergeInto) -> Answer:
        data, why = self.data.of(call), self._seal(call, form.why, "resident.why")

        def act(found: Resident) -> None:
            require_in_area(call.principal, Permission.MERGE_RESIDENTS, found.area)
            found.merge_into(call.principal, named(data, Resident, form.into, "into"), call.now, why)

        return change(data, Resident, resident, act, step_answer)

    @command
    def unmerge_residents(self, call: Call, resident: Id) -> Answer:
        return self._change(call, resident, lambda found: found.unmerge(call.principal, call.now))

    @handles(HouseholdChanged)
    def follow_household(self, event: Received) -> None:
        """Its members live where the household lives."""
        data = self.data.of(event)
        for row in data.rows(Resident, {"household": event.envelope.subject}, ["household"], limit=ALL):
            self._follow(event, data, row["key"])

    @handles(HouseholdSplit)
    def follow_split(self, event: Received) -> None:
        """Those who were named move into the household that split off, if they still belong to the old one."""
        split, data = event.as_(HouseholdSplit), self.data.of(event)

        def join(found: Resident) -> None:
            if found.household == split.out_of:
                household = data.get(Household, event.envelope.subject)
                tokens = self._tokens(event, found, household.area)
                found.join(household, tokens, event.envelope.actor, event.now)

        for resident in split.residents:
            data.change(Resident, resident, join)

    @handles(ResidentChanged)
    def settle_at_home(self, event: Received) -> None:
        """Who came while the household moved or was dissolved agrees with it again; it knows who came and who left."""
        data, resident = self.data.of(event), event.envelope.subject
        self._follow(event, data, resident)
        headed = {row["key"] for row in data.rows(Household, {"head": resident}, ["head"], limit=ALL)}

        def agree(found: Household) -> None:
            now = data.get(Resident, resident)
            if home_of(now) == found.key:
                found.receive(resident, now.relation)
            else:
                found.lose(resident)

        for household in headed | {home_of(data.get(Resident, resident))} - {""}:
            settle(data, Household, household, agree)

    @handles("org.grid_merge.completed.v1")
    def follow_grids_of_former_homes(self, event: Received) -> None:
        """Those who left a household in a merged grid are of the grid that replaced it, like those who stayed."""
        data = self.data.of(event)
        moved = places_moved(data, event.as_(GridMerge))

        def follow(found: Resident) -> None:
            if not found.household and (area := moved.get(found.area)):
                found.follow_grid(area, self._tokens(event, found, area))

        for row in data.rows(Resident, {"household": "", "area": {"$in": sorted(moved)}}, ["area"], limit=ALL):
            data.change(Resident, row["key"], follow)

    def _follow(self, event: Received, data: TenantData, resident: str) -> None:
        """Has a resident live where the household lives."""

        def follow(found: Resident) -> None:
            if is_first_of_circle(data, found):
                found.break_circle(event.envelope.actor, event.now)
            if found.household:
                household = data.get(Household, found.household)
                if found.is_apart_from(household):
                    found.follow(household, self._tokens(event, found, household.area))

        settle(data, Resident, resident, follow)

    def _change(self, call: Call, resident: str, act: Callable[[Resident], object]) -> Answer:
        return change(self.data.of(call), Resident, resident, act, step_answer)

    def _tokens(self, context: Context, resident: Resident, area: str) -> list[str]:
        """Returns the tokens of a resident who moves to `area`; what is opened for them nobody gets to see."""
        return self.profile_of(context, resident).tokens(self.keys.of(context.tenant).blind, codes_of(area))

    def _require_unknown(self, call: Call, profile: Profile) -> None:
        """Raises `KnownPerson` for a number that the caller finds; others are paired later, so that nobody learns who
        lives elsewhere."""
        if not profile.identity_number:
            return
        token = self.keys.of(call.tenant).blind(profile.identity_number, "identity_number")
        for found in with_token(self.data.of(call), call.principal, token, 1):
            raise KnownPerson(resident=found.key)
