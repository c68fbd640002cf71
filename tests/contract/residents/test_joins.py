"""Whatever is joined, ended, merged and left half done: a record has at most one sign-in, and a sign-in one record."""

from __future__ import annotations

from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chassis.errors import Problem
from chassis.security.principal import Principal
from services.residents.joins.lookups import join_of, joined_to
from services.residents.joins.model import SignIn
from services.residents.people.merges import who_stays
from services.residents.people.model import MERGED, Resident
from services.residents.service import Residents
from tests.contract.cases.hidden.kept import KeptData
from tests.contract.dry import SEALER, Records, ask, service_with
from tests.unit.residents import samples as s

pytestmark = pytest.mark.domain("Privacy: rights of the resident")
PEOPLE, USERS = ("R1", "R2", "R3"), ("u-1", "u-2", "u-3")
COUNTER, WORKER = s.person("k-1", "counter", s.COMMUNITY), s.person("g-1", "grid_worker", s.GRID)
A_PERSON, A_USER = st.sampled_from(PEOPLE), st.sampled_from(USERS)


class Joins(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        home = s.household()
        people = [s.resident(key, home) for key in PEOPLE]
        for each in people:
            each.tokens = [*each.tokens, SEALER.blind("王小明", "name")]
        self.records: Records = {(type(each), each.key): each for each in (home, *people)}
        self.number, self.codes = 0, ["none"]
        self.service = service_with(Residents, (), data=SimpleNamespace(of=self.data))

    def data(self, context: Any) -> Any:
        return KeptData(self.records, context, [], True)

    def ask(self, by: Principal, method: str, **args: Any) -> Any:
        self.number += 1
        with suppress(Problem):
            return ask(self.service, method, by, args)
        return {}

    @rule(person=A_PERSON, user=A_USER)
    def join(self, person: str, user: str) -> None:
        self.ask(COUNTER, "join_resident", resident=person, user=user, proof="passport")

    @rule(person=A_PERSON)
    def issue(self, person: str) -> None:
        if code := self.ask(WORKER, "issue_join_code", resident=person).get("code"):
            self.codes.append(code)

    @rule(user=A_USER, last=st.integers(1, 3))
    def redeem(self, user: str, last: int) -> None:
        self.ask(s.person(user, "resident", ""), "redeem_join_code", code=self.codes[-last:][0], name="王小明")

    @rule(person=A_PERSON)
    def end(self, person: str) -> None:
        self.ask(COUNTER, "end_join", resident=person)

    @rule(person=A_PERSON, user=A_USER)
    def end_own(self, person: str, user: str) -> None:
        self.ask(s.person(user, "resident", ""), "end_own_join", resident=person)

    @rule(person=A_PERSON, into=A_PERSON)
    def merge(self, person: str, into: str) -> None:
        found = [self.records[Resident, key] for key in (person, into)]
        if person != into and all(each.state != MERGED for each in found):
            found[0].merge_into(s.STREET_STAFF, found[1], s.NOW, "")

    @rule(person=A_PERSON)
    def unmerge(self, person: str) -> None:
        if (found := self.records[Resident, person]).state == MERGED:
            found.unmerge(s.STREET_STAFF, s.NOW)

    @rule(person=A_PERSON)
    def die(self, person: str) -> None:
        if (found := self.records[Resident, person]).state == "LIVING_HERE":
            found.die(s.STREET_STAFF, s.NOW.date(), s.NOW.date(), "", s.NOW, "")

    @rule(user=A_USER)
    def stop_half_way(self, user: str) -> None:
        """The process ended before the sign-in knew of its join."""
        self.records.pop((SignIn, user), None)

    @invariant()
    def one_of_each(self) -> None:
        data = self.data(SimpleNamespace(tenant=s.TENANT, now=s.NOW))
        found = {user: own for user in USERS if (own := joined_to(data, user))}
        assert len({each.key for each in found.values()}) == len(found)
        for user, own in found.items():
            join = join_of(data, own)
            assert join is not None
            assert join.subject == user
            assert own.state != "DECEASED"
        for key in PEOPLE:
            stays = who_stays(data, key)
            if join := join_of(data, stays):
                assert found[join.subject].key == stays.key


Joins.TestCase.settings = settings(
    max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestJoins = Joins.TestCase
