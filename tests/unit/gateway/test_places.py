"""Shares of places: no tenant and no address takes them all, and each place comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Overloaded
from gateway.http.addresses import counted_as
from gateway.http.places import Places
from gateway.http.problems import TooManyRequests


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def test_an_address_has_an_eighth_and_a_tenant_half_of_the_places(held: ExitStack) -> None:
    places = Places(16, retry_after=7)
    for number in range(8):
        held.enter_context(places.one_for("wuhai", f"192.0.2.{number // 2}"))
    with pytest.raises(TooManyRequests) as refused:
        held.enter_context(places.one_for("yaan", "192.0.2.0"))
    assert refused.value.data == {"retry_after": 7}
    with pytest.raises(Overloaded):
        held.enter_context(places.one_for("wuhai", "192.0.2.9"))
    held.enter_context(places.one_for("yaan", "192.0.2.9"))


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("123456789"), st.booleans())))
def test_whatever_was_held_and_refused_all_places_come_back(steps: list[tuple[str, str, bool]]) -> None:
    places, held = Places(16), ExitStack()
    for tenant, address, stays in steps:
        try:
            with places.one_for(tenant, address):
                if stays:
                    held.enter_context(places.one_for(tenant, address))
        except (TooManyRequests, Overloaded):
            pass
    held.close()
    with held:
        for number in range(16):
            held.enter_context(places.one_for("ab"[number % 2], str(number)))
        with pytest.raises(Overloaded):
            held.enter_context(places.one_for("c", "99"))


def test_the_addresses_of_one_ipv6_network_count_as_one() -> None:
    assert counted_as("2001:db8::1") == counted_as("2001:db8::ffff:2") == counted_as("2001:db8::3%eth0")
    assert counted_as("2001:db8:0:1::1") != counted_as("2001:db8::1")
    assert counted_as("192.0.2.1") == "192.0.2.1"
    assert counted_as("not:an:address") == "not:an:address"
