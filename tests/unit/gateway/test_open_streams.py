from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from chassis.errors import Overloaded
from chassis.security.principal import Principal
from gateway.events.stream_limits import OpenStreams, TooManyStreams
from gateway.http.problems import TooManyRequests


def person(subject: str, tenant: str = "wuhai") -> Principal:
    return Principal(tenant=tenant, subject=subject, roles=frozenset({"resident"}))


class Open(ExitStack):
    """Keeps streams open for the duration of a test."""

    def open(self, streams: OpenStreams, *persons: Principal) -> None:
        for by in persons:
            self.enter_context(streams.one_for(by, f"address of {by}"))


@pytest.fixture
def held() -> Iterator[Open]:
    with Open() as held:
        yield held


def test_a_person_has_a_limit_of_streams_that_does_not_affect_others(held: Open) -> None:
    streams = OpenStreams(100, of_person=2)
    held.open(streams, person("u-hai"), person("u-hai"))
    with pytest.raises(TooManyStreams) as refused:
        held.open(streams, person("u-hai"))
    assert refused.value.data == {"most": 2}
    held.open(streams, person("u-lan"), person("u-hai", "yaan"))


def test_a_person_who_opens_streams_again_and_again_waits_and_nobody_else_does() -> None:
    streams = OpenStreams(100, openings="20/minute")
    for _ in range(20):
        with streams.one_for(person("u-hai"), "a"):
            pass
    with pytest.raises(TooManyRequests), streams.one_for(person("u-hai"), "a"):
        pass
    with streams.one_for(person("u-lan"), "a"):
        pass


def test_a_tenant_leaves_half_of_the_streams_to_the_others(held: Open) -> None:
    streams = OpenStreams(6)
    held.open(streams, person("u-1"), person("u-2"), person("u-3"))
    with pytest.raises(Overloaded) as refused:
        held.open(streams, person("u-4"))
    assert refused.value.data == {"retry_after": 30}
    held.open(streams, person("u-4", "yaan"))


def test_an_address_leaves_most_of_the_streams_to_the_others(held: Open) -> None:
    streams = OpenStreams(16)
    for subject in ("u-1", "u-2"):
        held.enter_context(streams.one_for(person(subject), "192.0.2.1"))
    with pytest.raises(TooManyRequests):
        held.enter_context(streams.one_for(person("u-3"), "192.0.2.1"))
    held.open(streams, person("u-3"))


def test_a_stream_that_ends_makes_room_for_the_next(held: Open) -> None:
    streams = OpenStreams(1)
    for _ in range(10):
        with streams.one_for(person("u-hai"), "192.0.2.1"):
            pass
    held.open(streams, person("u-lan"))
