"""Rotation of a root key: it rewraps the stored keys and leaves every sealed value as it is.

`tests/integration/test_crypto.py` tests the same rules on a real database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chassis.security.root_keys import KeyLocked, RotatingRootKey
from chassis.security.sealing import KeyRing
from tests.servers.set_clock import SetClock
from tests.unit.chassis.test_crypto import (  # noqa: F401
    INDEX,
    OTHER,
    PHONE,
    ROOT,
    Table,
    add_second_key,
    clock,
    root_key,
)

NEW, NEW_INDEX = root_key(b"n"), root_key(b"m")
NUMBER = "13900000001"


class TableToRewrap(Table):
    """`before_update` runs between the read and the write of a key: another process acts, or this one ends."""

    def __init__(self) -> None:
        super().__init__()
        self.before_update: Callable[[str], None] = lambda name: None

    def find(self, where: dict[str, Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in self.rows.values()]

    def update_one(self, where: dict[str, Any], update: dict[str, Any]) -> Any:
        self.before_update(where["_id"])
        row = self.rows[where["_id"]]
        holds = row["wrapped"] == where["wrapped"]
        if holds:
            row.update(update["$set"])

        class Result:
            modified_count = int(holds)

        return Result


@pytest.fixture
def collection() -> Any:
    return TableToRewrap()


@pytest.fixture
def sealed(collection: Any, clock: SetClock) -> dict[str, str]:  # noqa: F811
    """Values that two tenants sealed earlier, under the old root keys."""
    old = KeyRing(collection, ROOT, INDEX, clock)
    found = {tenant: old.of(tenant).seal(NUMBER, PHONE) for tenant in ("wuhai", "yaan")}
    add_second_key(old, "wuhai")
    old.of("wuhai").blind(NUMBER, "phone")
    return found


@pytest.fixture
def rotating(collection: Any, clock: SetClock) -> KeyRing:  # noqa: F811
    return KeyRing(collection, RotatingRootKey(NEW, ROOT), RotatingRootKey(NEW_INDEX, INDEX), clock)


def test_before_and_after_the_keys_went_over_everything_opens(
    collection: Any, rotating: KeyRing, sealed: dict[str, str], clock: SetClock  # noqa: F811
) -> None:  # fmt: skip
    blind = KeyRing(collection, ROOT, INDEX, clock).of("wuhai").blind(NUMBER, "phone")
    assert rotating.of("wuhai").open(sealed["wuhai"], PHONE) == NUMBER
    assert rotating.rewrap().rewrapped == 4
    alone = KeyRing(collection, NEW, NEW_INDEX, clock)
    assert {tenant: alone.of(tenant).open(text, PHONE) for tenant, text in sealed.items()} == dict.fromkeys(
        sealed, NUMBER
    )
    assert alone.of("wuhai").blind(NUMBER, "phone") == blind


def test_afterwards_the_old_root_keys_open_nothing(
    collection: Any, rotating: KeyRing, sealed: dict[str, str], clock: SetClock  # noqa: F811
) -> None:  # fmt: skip
    rotating.rewrap()
    old = KeyRing(collection, ROOT, INDEX, clock)
    for name in ("wuhai:1", "wuhai:2", "yaan:1", "wuhai:index"):
        with pytest.raises(KeyLocked):
            old.load(name)


def test_a_second_time_changes_nothing(collection: Any, rotating: KeyRing, sealed: dict[str, str]) -> None:
    rotating.rewrap()
    before = {row["_id"]: bytes(row["wrapped"]) for row in collection.find({})}
    assert rotating.rewrap().rewrapped == 0
    assert {row["_id"]: bytes(row["wrapped"]) for row in collection.find({})} == before


def test_it_may_end_at_any_key_and_be_taken_up_again(
    collection: TableToRewrap, rotating: KeyRing, sealed: dict[str, str], clock: SetClock  # noqa: F811
) -> None:  # fmt: skip
    class Killed(Exception):
        """The process ends."""

    left = iter("one key")

    def end(name: str) -> None:
        if next(left) != "o":
            raise Killed

    collection.before_update = end
    with pytest.raises(Killed):
        rotating.rewrap()
    assert rotating.of("wuhai").open(sealed["wuhai"], PHONE) == NUMBER
    collection.before_update = lambda name: None
    assert rotating.rewrap().rewrapped == 3
    assert KeyRing(collection, NEW, NEW_INDEX, clock).of("yaan").open(sealed["yaan"], PHONE) == NUMBER


def test_of_two_replicas_at_once_each_key_goes_over_once(
    collection: TableToRewrap, rotating: KeyRing, sealed: dict[str, str], clock: SetClock  # noqa: F811
) -> None:  # fmt: skip
    def other_replica(name: str) -> None:
        collection.before_update = lambda name: None
        assert rotating.rewrap().rewrapped == 4

    collection.before_update = other_replica
    assert rotating.rewrap().rewrapped == 0
    assert KeyRing(collection, NEW, NEW_INDEX, clock).of("yaan").open(sealed["yaan"], PHONE) == NUMBER


def test_a_key_that_neither_opens_does_not_keep_the_others_back(
    collection: Any, rotating: KeyRing, sealed: dict[str, str], clock: SetClock  # noqa: F811
) -> None:  # fmt: skip
    KeyRing(collection, OTHER, OTHER, clock).of("dalad").seal(NUMBER, PHONE)
    assert rotating.rewrap() == (4, ["dalad:1"])


def test_the_keys_that_the_root_keys_do_not_open_are_told(
    collection: Any, rotating: KeyRing, sealed: dict[str, str], clock: SetClock  # noqa: F811
) -> None:  # fmt: skip
    assert rotating.locked() == KeyRing(collection, ROOT, INDEX, clock).locked() == []
    assert KeyRing(collection, ROOT, OTHER, clock).locked() == ["wuhai:index"]
    assert set(KeyRing(collection, OTHER, INDEX, clock).locked()) == {"wuhai:1", "wuhai:2", "yaan:1"}


def test_a_root_key_alone_is_not_rotated(collection: Any, sealed: dict[str, str], clock: SetClock) -> None:  # noqa: F811
    ring = KeyRing(collection, RotatingRootKey(NEW, ROOT), INDEX, clock)
    assert ring.rewrap().rewrapped == 3
    assert KeyRing(collection, NEW, INDEX, clock).of("wuhai").blind(NUMBER, "phone")
