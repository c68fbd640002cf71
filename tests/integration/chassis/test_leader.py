"""Of all processes of a service one leads, until it has ended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pymongo
import pytest
from pymongo.collection import Collection

from chassis.persistence.leader import GRACE, Leader
from tests.servers.site import Site


class Clock:
    at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def rows(site: Site) -> Iterator[Collection[dict[str, Any]]]:
    own = site.service_settings("cases")
    with pymongo.MongoClient[dict[str, Any]](own.mongodb_uri) as client:
        yield client[own.database]["leaders"]


def test_one_leads_and_no_other_while_it_renews_its_note(rows: Collection[dict[str, Any]]) -> None:
    clock = Clock()
    processes = [Leader(rows, "count", clock) for _ in range(3)]
    for _ in range(10):
        assert [each.is_mine() for each in processes] == [True, False, False]
        clock.at += GRACE - 1
    assert Leader(rows, "another task", clock).is_mine()


def test_when_it_has_ended_one_other_leads_and_the_paused_one_does_not_come_back(
    rows: Collection[dict[str, Any]],
) -> None:
    clock = Clock()
    paused, *others = (Leader(rows, "count", clock) for _ in range(3))
    assert [each.is_mine() for each in (paused, *others)] == [True, False, False]
    clock.at += GRACE
    assert [each.is_mine() for each in others] == [True, False]
    assert not paused.is_mine()
    clock.at += GRACE - 1
    assert [each.is_mine() for each in (paused, *others)] == [False, True, False]


def test_while_the_database_is_away_who_leads_goes_on(rows: Collection[dict[str, Any]]) -> None:
    with pymongo.MongoClient[dict[str, Any]]("mongodb://127.0.0.1:9", serverSelectionTimeoutMS=1) as nowhere:
        leader, other = Leader(rows, "count"), Leader(rows, "count")
        assert (leader.is_mine(), other.is_mine()) == (True, False)
        for each in (leader, other):
            each._rows = nowhere["away"]["leaders"]
        assert (leader.is_mine(), other.is_mine()) == (True, False)
