"""Tenant isolation: in any order of operations and with any filter, each city sees only its own data."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from chassis.context import Context
from chassis.errors import NotFound
from chassis.ids import uuid7
from chassis.persistence.data_source import DataSource
from chassis.persistence.tenant_data import TenantData
from chassis.persistence.write_plan import envelope_of
from tests.integration.chassis.sample import Added, Mirror, Tally

CITIES = st.integers(0, 1)
KEYS = st.sampled_from(["A", "B", "A:B", "$ne", "", "甲"])
NAMES = st.sampled_from(["x", "y", "$gt"])
_numbers = itertools.count()


class TwoCities(RuleBasedStateMachine):
    """Compares the data with a dictionary for each city. The name of one city is a prefix of the other's."""

    source: DataSource

    @initialize()
    def open(self) -> None:
        number = next(_numbers)
        self.tenants = [f"city{number}", f"city{number}-east"]
        self.tallies: list[dict[str, tuple[str, int]]] = [{}, {}]
        self.mirrors: list[dict[str, int]] = [{}, {}]

    def data(self, city: int) -> TenantData:
        tenant = self.tenants[city]
        now = self.source.clock.now()
        return self.source.of(Context(tenant=tenant, actor="tester", now=now, correlation_id=uuid7()))

    @rule(city=CITIES, key=KEYS, name=NAMES)
    def add(self, city: int, key: str, name: str) -> None:
        tally = Tally(id=f"{self.tenants[city]}:{key}", tenant=self.tenants[city], name=name)
        assert self.data(city).add(tally) == (key not in self.tallies[city])
        self.tallies[city].setdefault(key, (name, 0))

    @rule(city=CITIES, key=KEYS)
    def add_to_the_other_city(self, city: int, key: str) -> None:
        with pytest.raises(AssertionError):
            self.data(city).add(Tally(id=f"{self.tenants[1 - city]}:{key}", tenant=self.tenants[1 - city]))
        with pytest.raises(AssertionError):
            self.data(city).add(Tally(id=f"{self.tenants[1 - city]}:{key}", tenant=self.tenants[city]))

    @rule(city=CITIES, key=KEYS, by=st.integers(1, 9))
    def change(self, city: int, key: str, by: int) -> None:
        known = self.tallies[city].get(key)
        if known is None:
            with pytest.raises(NotFound):
                self.data(city).change(Tally, key, lambda tally: tally.add(by))
        else:
            assert self.data(city).change(Tally, key, lambda tally: tally.add(by)) == known[1] + by
            self.tallies[city][key] = (known[0], known[1] + by)

    @rule(city=CITIES, key=KEYS)
    def change_what_the_other_city_has(self, city: int, key: str) -> None:
        foreign = f"{self.tenants[1 - city]}:{key}"
        with pytest.raises(NotFound):
            self.data(city).change(Tally, foreign, lambda tally: tally.add(1))

    @rule(city=CITIES, key=KEYS, count=st.integers(0, 99))
    def copy(self, city: int, key: str, count: int) -> None:
        data, sequence = self.data(city), len(self.mirrors[city]) + count + 1
        tally = Tally(id=f"{self.tenants[city]}:{key}", tenant=self.tenants[city])
        envelope = envelope_of(tally, Added(name="x", count=count, by=0), sequence, data.context)
        if data.apply_replica(Mirror, key, self.source.received(envelope), {"count": sequence}):
            # The same sequence may be applied again: it fills fields that an older replica class did not have.
            assert sequence >= self.mirrors[city].get(key, 0)
            self.mirrors[city][key] = sequence

    @invariant()
    def each_city_has_its_own_documents(self) -> None:
        for city in (0, 1):
            data = self.data(city)
            for key in {*self.tallies[0], *self.tallies[1]}:
                if key in self.tallies[city]:
                    tally = data.get(Tally, key)
                    assert (tally.name, tally.count) == self.tallies[city][key]
                else:
                    with pytest.raises(NotFound):
                        data.get(Tally, key)
            assert {copy.key: copy.count for copy in data.find(Mirror, {})} == self.mirrors[city]

    @invariant()
    def no_filter_reaches_another_city(self) -> None:
        for city in (0, 1):
            data, own, other = self.data(city), self.tallies[city], self.tenants[1 - city]
            for where, expected in self._filters(own, other):
                assert {tally.key for tally in data.find(Tally, where)} == expected
                assert {row["key"] for row in data.rows(Tally, where, ["name"])} == expected
                assert data.count(Tally, where) == len(expected)
                grouped = data.aggregate(Tally, where, [{"$group": {"_id": "$tenant", "n": {"$sum": 1}}}])
                assert grouped == ([{"_id": self.tenants[city], "n": len(expected)}] if expected else [])

    @staticmethod
    def _filters(own: dict[str, tuple[str, int]], other: str) -> Iterator[tuple[dict[str, Any], set[str]]]:
        yield {}, set(own)
        yield {"tenant": other}, set(own)  # the repository's city overrides a city in the filter
        yield {"tenant": {"$ne": None}}, set(own)
        yield {"$or": [{"tenant": other}, {"count": {"$gte": 0}}]}, set(own)
        yield {"_id": {"$regex": f"^{other}:"}}, set()
        yield {"name": "x"}, {key for key, (name, _) in own.items() if name == "x"}


def test_two_cities_never_see_each_others_data(source: DataSource) -> None:
    class Machine(TwoCities):
        pass

    Machine.source = source
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    run_state_machine_as_test(
        Machine, settings=settings(max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=checks)
    )
