"""Use cases of joins: by a counter that saw proof, or by a code that a grid worker hands over on paper."""

from __future__ import annotations

from dataclasses import replace

from chassis.context import Call, Context, Received
from chassis.entrypoints.consumer import handles
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import NotFound
from chassis.ids import as_derived, derived, fresh
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Complete, Id
from chassis.usecases.records import get, put, step_answer, to_answer
from chassis.usecases.service import Documents
from services.residents.api import joins as api
from services.residents.joins.at_counter import AtCounter
from services.residents.joins.events import JoinChanged
from services.residents.joins.lookups import join_of, joined_to
from services.residents.joins.model import (
    JOINED,
    CodeRefused,
    Join,
    NotJoined,
    OwnMatter,
    RecordJoined,
    Redemptions,
    SignIn,
    SignInJoined,
)
from services.residents.people.events import ResidentChanged
from services.residents.people.merges import who_stays
from services.residents.people.model import DECEASED, LIVING_HERE, MERGED, MOVED_OUT, NotLivingHere, Resident
from services.residents.placed import in_area
from vocabulary.access import require_in_area, require_role
from vocabulary.identity_number import IdentityNumber
from vocabulary.roles import Permission

_CODE_LENGTH = 10
_JOIN, _ISSUE = Permission.JOIN_RESIDENTS, Permission.ISSUE_JOIN_CODES


class JoinCommands(AtCounter):
    documents: Documents = (Join, SignIn, Redemptions)

    @query
    def identify_resident(self, call: Call, form: api.Identification) -> Complete[Answer]:
        """Finds the record of a person who shows their identity card: by number and name, nothing by one alone."""
        require_role(call.principal, _JOIN)
        number = IdentityNumber.of(form.identity_number, "identity_number").number
        data, blind = self.data.of(call), self.keys.of(call.tenant).blind
        where = {"tokens": blind(number, "identity_number"), "state": {"$ne": MERGED}}
        found = data.find(Resident, where | in_area(call.principal, "", _JOIN), [("_id", 1)])
        same = [each for each in found if blind(form.name, "name") in each.tokens]
        self.audit.record(call.principal, "residents.resident.identified", [each.key for each in same], "proof")
        rows = [to_answer(each, "area", "state") | {"joined": join_of(data, each) is not None} for each in same]
        return Complete(items=rows)

    @command
    def join_resident(self, call: Call, resident: Id, form: api.NewJoin) -> Answer:
        """Joins a sign-in to the record of its person, who showed proof; nothing of the document is kept."""
        data, found = self.data.of(call), self._at_counter(call, resident)
        if form.user == call.principal.subject:
            raise OwnMatter()

        def act(join: Join) -> None:
            _require_free(data, found, form.user)
            join.make(form.user, form.proof, call.principal.subject, found.area, call.now)
            self._note_join(call, "made", resident, form.user, form.proof)

        answer = put(data, Join.blank(found), act, step_answer, _seen_before)
        self._claim(replace(call, if_match=None), resident, form.user)
        return answer

    @command
    def end_join(self, call: Call, resident: Id) -> Answer:
        return self._end_join(call, self._at_counter(call, resident), "counter")

    @command
    def issue_join_code(self, call: Call, resident: Id) -> Answer:
        """Issues the code by which the person joins the record, in place of the one before; it is shown only now."""
        data = self.data.of(call)
        found = get(data, Resident, resident)
        require_in_area(call.principal, _ISSUE, found.area)
        blind = self.keys.of(call.tenant).blind
        code = derived(blind(f"{resident}/{call.dedup_key or fresh()}", "join_code"))[:_CODE_LENGTH]

        def act(join: Join) -> None:
            _require_joinable(found)
            if join_of(data, found):
                raise RecordJoined()
            join.issue_code(call.principal, blind(code, "join"), found.area, call.now)

        def told(join: Join) -> Answer:
            return step_answer(join) | {"valid_until": join.code_until}

        # The answer that is kept for a repeated request is without the code, which follows from that request.
        return put(data, Join.blank(found), act, told, _seen_before) | {"code": code}

    @command
    def redeem_join_code(self, call: Call, form: api.Redemption) -> Answer:
        """Joins the caller's sign-in to their record. Whatever is wrong is answered with the same words."""
        require_role(call.principal, Permission.REDEEM_JOIN_CODES)
        data, subject = self.data.of(call), call.principal.subject
        code = self.keys.of(call.tenant).blind(as_derived(form.code), "join")
        found = next(iter(data.find(Join, {"code": code}, limit=1)), None)
        own = joined_to(data, subject)
        # Of the record that this same code has joined: a repeated request finds its first answer.
        if own and not (found and who_stays(data, found.key).key == own.key):
            raise SignInJoined()
        if not self._may_try(call) or found is None:
            raise CodeRefused()
        unversioned = replace(call, if_match=None)
        answer: Answer = self.data.of(unversioned).change(
            Join, found.key, lambda join: self._redeem(call, join, code, form.name)
        )
        if not answer.pop("joined"):
            raise CodeRefused()
        self._claim(unversioned, found.key, subject)
        return answer

    @handles(JoinChanged)
    def settle_join(self, event: Received) -> None:
        """Completes a join that stopped half way; one of two that were made of a sign-in at the same moment ends."""
        data = self.data.of(event)
        join = data.get(Join, event.envelope.subject)
        if join.state != JOINED:
            return
        try:
            self._claim(event, join.key, join.subject)
        except SignInJoined:
            data.change(Join, join.key, lambda found: found.end() if found.subject == join.subject else None)

    @handles(ResidentChanged)
    def end_join_of_the_dead(self, event: Received) -> None:
        data, resident = self.data.of(event), event.envelope.subject
        if data.get(Resident, resident).state != DECEASED:
            return
        try:
            data.change(Join, resident, lambda found: found.end() if found.state == JOINED else None)
        except NotFound:
            return

    def _end_join(self, call: Call, resident: Resident, by: str) -> Answer:
        """Ends the join in force, or one that is made only half. Raises `NotJoined`."""
        data = self.data.of(call)
        join = join_of(data, resident)

        def act(found: Join) -> Answer:
            self._note_join(call, "ended", resident.key, found.subject, by)
            found.end()
            return step_answer(found)

        try:
            return dict(data.change(Join, join.key if join else resident.key, act))
        except NotFound as error:
            raise NotJoined() from error

    def _redeem(self, call: Call, join: Join, code: str, name: str) -> Answer:
        """Returns whether it is `joined`; a name that does not fit is counted, so it is no refusal yet."""
        data, subject = self.data.of(call), call.principal.subject
        if joined_to(data, subject):
            raise SignInJoined()
        resident = data.get(Resident, join.key)
        is_theirs = self.keys.of(call.tenant).blind(name, "name") in resident.tokens
        fits = is_theirs and _is_joinable(data, who_stays(data, join.key))
        joined = join.redeem(subject, code, fits, resident.area, call.now)
        if joined:
            self._note_join(call, "made", join.key, subject, join.proof)
        return step_answer(join) | {"joined": joined}

    def _claim(self, context: Context, resident: str, subject: str) -> None:
        data = self.data.of(context)

        def act(sign_in: SignIn) -> None:
            own = joined_to(data, subject)
            sign_in.claim(resident, own.key if own and own.key != who_stays(data, resident).key else "")

        put(data, SignIn.blank(context.tenant, subject), act, step_answer, _seen_before)

    def _may_try(self, call: Call) -> bool:
        allowed = False

        def act(tries: Redemptions) -> None:
            nonlocal allowed
            allowed = tries.take_one(call.now)

        blank = Redemptions.blank(call.tenant, call.principal.subject, call.now)
        data = self.data.of(replace(call, if_match=None))
        return bool(put(data, blank, act, lambda _: {"allowed": allowed}, _seen_before)["allowed"])

    def _note_join(self, call: Call, did: str, resident: str, subject: str, proof: str) -> None:
        self.audit.record(call.principal, f"residents.join.{did}", [resident, subject], proof)


def _seen_before(*_: object) -> bool:
    """Whether the caller sees it was decided by the record that it is about."""
    return True


def _require_free(data: TenantData, resident: Resident, subject: str) -> None:
    _require_joinable(resident)
    join = join_of(data, resident)
    if join and join.subject != subject:
        raise RecordJoined()
    own = joined_to(data, subject)
    if own and own.key != resident.key:
        raise SignInJoined()


def _require_joinable(resident: Resident) -> None:
    if resident.state not in (LIVING_HERE, MOVED_OUT):
        raise NotLivingHere(state=resident.state)


def _is_joinable(data: TenantData, resident: Resident) -> bool:
    return resident.state in (LIVING_HERE, MOVED_OUT) and join_of(data, resident) is None
