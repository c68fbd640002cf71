from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from chassis.errors import Unavailable
from chassis.security.principal import Principal
from gateway.events.stream_limits import OpenStreams, TooManyStreams


def person(subject: str, tenant: str = "wuhai") -> Principal:
    return Principal(tenant=tenant, subject=subject, roles=frozenset({"resident"}))


class Open(ExitStack):
    """Keeps streams open for the duration of a test."""

    def open(self, streams: OpenStreams, *persons: Principal) -> None:
        for by in persons:
            self.enter_context(streams.one_for(by))


@pytest.fixture
def held() -> Iterator[Open]:
    with Open() as held:
        yield held


def test_a_person_has_a_limit_of_streams_that_does_not_affect_others(held: Open) -> None:
    streams = OpenStreams(of_person=2)
    held.open(streams, person("u-hai"), person("u-hai"))
    with pytest.raises(TooManyStreams) as refused:
        held.open(streams, person("u-hai"))
    assert refused.value.data == {"most": 2}
    held.open(streams, person("u-lan"), person("u-hai", "yaan"))


def test_a_tenant_leaves_streams_to_the_others_up_to_the_total_limit(held: Open) -> None:
    streams = OpenStreams(most=3, of_tenant=2)
    held.open(streams, person("u-1"), person("u-2"))
    with pytest.raises(Unavailable):
        held.open(streams, person("u-3"))
    held.open(streams, person("u-3", "yaan"))
    with pytest.raises(Unavailable):
        held.open(streams, person("u-4", "yaan"))


def test_a_stream_that_ends_makes_room_for_the_next(held: Open) -> None:
    streams = OpenStreams(most=1)
    for _ in range(3):
        with streams.one_for(person("u-hai")):
            pass
    held.open(streams, person("u-lan"))
