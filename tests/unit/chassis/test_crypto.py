"""Sealed values and blind indexes. `tests/integration/test_crypto.py` tests the same rules on a real database."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.errors import DuplicateKeyError

from chassis.security.root_keys import BadKey, FileRootKey, KeyLocked
from chassis.security.sealing import KeyRing, KeyUnknown, SealBroken
from tests.servers.set_clock import SetClock


def root_key(letter: bytes) -> FileRootKey:
    return FileRootKey(base64.b64encode(letter * 32) + b"\n")


ROOT, INDEX, OTHER = root_key(b"r"), root_key(b"i"), root_key(b"x")
PHONE = "cases.reporter.phone"
one_collection_for_all_examples = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


class Table:
    """Fake of the collection that a key ring uses."""

    def __init__(self) -> None:
        self.rows: dict[str, dict[str, Any]] = {}

    def find_one(self, where: dict[str, Any]) -> dict[str, Any] | None:
        return self.rows.get(where["_id"])

    def insert_one(self, row: dict[str, Any]) -> None:
        if row["_id"] in self.rows:
            raise DuplicateKeyError(row["_id"])
        self.rows[row["_id"]] = row

    def replace_one(self, where: dict[str, Any], row: dict[str, Any]) -> None:
        self.rows[where["_id"]] = {**where, **row}

    def delete_one(self, where: dict[str, Any]) -> None:
        del self.rows[where["_id"]]

    def count_documents(self, where: dict[str, Any]) -> int:
        return len(self.rows)


@pytest.fixture
def collection() -> Any:
    return Table()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(datetime(2026, 3, 2, 8, tzinfo=UTC))


@pytest.fixture
def ring(collection: Any, clock: SetClock) -> KeyRing:
    return KeyRing(collection, ROOT, INDEX, clock)


def add_second_key(ring: KeyRing, tenant: str) -> None:
    """Stores a tenant's second key, as a later version does that has a command for it: this one must read its data."""
    ring.load_or_make(f"{tenant}:2")


@pytest.mark.domain("Privacy: sealed fields")
@one_collection_for_all_examples
@given(text=st.text(max_size=200), context=st.text(max_size=40))
def test_a_sealed_value_opens_to_what_it_was(ring: KeyRing, text: str, context: str) -> None:
    wuhai = ring.of("wuhai")
    sealed = wuhai.seal(text, context)
    assert wuhai.open(sealed, context) == text
    assert sealed != wuhai.seal(text, context)


@pytest.mark.domain("Privacy: sealed fields")
@one_collection_for_all_examples
@given(text=st.text(max_size=40), data=st.data())
def test_a_value_with_any_bit_flipped_is_refused(ring: KeyRing, text: str, data: st.DataObject) -> None:
    wuhai = ring.of("wuhai")
    sealed = bytearray(wuhai.seal(text, PHONE), "ascii")
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 6))
    with pytest.raises((SealBroken, KeyUnknown)):
        wuhai.open(sealed.decode(), PHONE)


@pytest.mark.parametrize("text", ["", "1", "12"])
def test_another_spelling_of_the_same_bytes_is_refused(ring: KeyRing, text: str) -> None:
    """base64 does not use all bits of its last character, and decoders ignore them."""
    wuhai = ring.of("wuhai")
    sealed = wuhai.seal(text, PHONE)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for letter in letters.replace(sealed[-1], ""):
        with pytest.raises(SealBroken):
            wuhai.open(sealed[:-1] + letter, PHONE)


@one_collection_for_all_examples
@given(text=st.text(max_size=80))
def test_any_text_that_is_no_sealed_value_is_refused(ring: KeyRing, text: str) -> None:
    with pytest.raises((SealBroken, KeyUnknown)):
        ring.of("wuhai").open(text, PHONE)


@pytest.mark.parametrize("tail", ["", "A", "AA", "====", "A" * 15])
def test_a_value_too_short_to_be_one_is_refused(ring: KeyRing, tail: str) -> None:
    ring.of("wuhai").seal("13900000001", PHONE)
    with pytest.raises(SealBroken):
        ring.of("wuhai").open(f"v1.1.{tail}", PHONE)


@pytest.mark.domain("Privacy: sealed fields")
def test_a_value_of_another_tenant_does_not_open(ring: KeyRing) -> None:
    ring.of("yaan").seal("anything", PHONE)
    with pytest.raises(SealBroken):
        ring.of("yaan").open(ring.of("wuhai").seal("13900000001", PHONE), PHONE)


def test_a_value_moved_to_another_field_does_not_open(ring: KeyRing) -> None:
    wuhai = ring.of("wuhai")
    with pytest.raises(SealBroken) as caught:
        wuhai.open(wuhai.seal("13900000001", PHONE), "cases.reporter.name")
    assert caught.value.data == {"context": "cases.reporter.name"}


def test_with_a_second_key_new_values_use_it_and_old_ones_still_open(ring: KeyRing, clock: SetClock) -> None:
    wuhai = ring.of("wuhai")
    old = wuhai.seal("13900000001", PHONE)
    add_second_key(ring, "wuhai")
    clock.advance(timedelta(minutes=1))
    new = wuhai.seal("13900000001", PHONE)
    assert (old[:5], new[:5]) == ("v1.1.", "v1.2.")
    assert wuhai.open(old, PHONE) == wuhai.open(new, PHONE) == "13900000001"


def test_another_replica_opens_a_new_key_at_once_and_seals_with_it_within_a_minute(
    ring: KeyRing, collection: Any, clock: SetClock
) -> None:
    here, there = ring.of("wuhai"), KeyRing(collection, ROOT, INDEX, clock).of("wuhai")
    there.seal("warm", PHONE)
    add_second_key(ring, "wuhai")
    sealed = here.seal("13900000001", PHONE)
    assert sealed.startswith("v1.2.")
    assert there.open(sealed, PHONE) == "13900000001"
    clock.advance(timedelta(minutes=1))
    assert there.seal("13900000001", PHONE).startswith("v1.2.")


class Slow(FileRootKey):
    """Root key that runs `meanwhile` between the lookup of a key and its insert."""

    def __init__(self, letter: bytes, meanwhile: Callable[[], object]) -> None:
        super().__init__(base64.b64encode(letter * 32))
        self.meanwhile = meanwhile

    def wrap(self, key: bytes, name: str) -> bytes:
        self.meanwhile()
        return super().wrap(key, name)


def test_a_replica_that_loses_the_race_for_the_first_key_takes_the_winners(collection: Any, clock: SetClock) -> None:
    winner = KeyRing(collection, ROOT, INDEX, clock).of("wuhai")
    slow = Slow(b"r", lambda: winner.seal("first", PHONE))
    loser = KeyRing(collection, slow, INDEX, clock).of("wuhai")
    assert winner.open(loser.seal("13900000001", PHONE), PHONE) == "13900000001"
    assert collection.count_documents({}) == 1


def test_a_replica_that_loses_the_race_for_the_index_key_takes_the_winners(collection: Any, clock: SetClock) -> None:
    winner = KeyRing(collection, ROOT, INDEX, clock).of("wuhai")
    slow = Slow(b"i", lambda: winner.blind("first", "phone"))
    loser = KeyRing(collection, ROOT, slow, clock).of("wuhai")
    assert loser.blind("13900000001", "phone") == winner.blind("13900000001", "phone")


def test_a_value_whose_key_is_gone_says_which(ring: KeyRing, collection: Any, clock: SetClock) -> None:
    sealed = ring.of("wuhai").seal("13900000001", PHONE)
    collection.delete_one({"_id": "wuhai:1"})
    with pytest.raises(KeyUnknown) as caught:
        KeyRing(collection, ROOT, INDEX, clock).of("wuhai").open(sealed, PHONE)
    assert caught.value.data == {"key": "wuhai:1"}


@pytest.mark.domain("Privacy: sealed fields")
def test_the_database_alone_opens_nothing(ring: KeyRing, collection: Any, clock: SetClock) -> None:
    sealed = ring.of("wuhai").seal("13900000001", PHONE)
    with pytest.raises(KeyLocked):
        KeyRing(collection, OTHER, INDEX, clock).of("wuhai").open(sealed, PHONE)


def test_a_key_put_in_the_place_of_another_tenants_does_not_open(
    ring: KeyRing, collection: Any, clock: SetClock
) -> None:
    ring.of("wuhai").seal("x", PHONE), ring.of("yaan").seal("x", PHONE)
    stolen = collection.find_one({"_id": "wuhai:1"})
    collection.replace_one({"_id": "yaan:1"}, {"wrapped": stolen["wrapped"]})
    with pytest.raises(KeyLocked):
        KeyRing(collection, ROOT, INDEX, clock).of("yaan").seal("x", PHONE)


def test_what_is_stored_of_a_key_does_not_hold_the_key(ring: KeyRing, collection: Any) -> None:
    ring.of("wuhai").seal("x", PHONE)
    key = ring.load("wuhai:1")
    assert key is not None
    assert len(key) == 32
    assert key not in bytes(collection.find_one({"_id": "wuhai:1"})["wrapped"])


@pytest.mark.domain("Privacy: sealed fields")
@pytest.mark.parametrize("written", ["139 0000 0001", "+86 139-0000-0001", "0086139 00000001", "13900000001"])
def test_a_phone_is_found_however_it_was_written(ring: KeyRing, written: str) -> None:
    wuhai = ring.of("wuhai")
    assert wuhai.blind(written, "phone") == wuhai.blind("13900000001", "phone")
    assert wuhai.blind(written, "phone") != wuhai.blind("13900000002", "phone")


def test_an_identity_number_is_found_however_it_was_written(ring: KeyRing) -> None:
    wuhai = ring.of("wuhai")
    number = wuhai.blind("15030219900101001X", "identity_number")
    assert number == wuhai.blind(" 150302 19900101 001x ", "identity_number")


def test_blind_indexes_differ_by_tenant_and_kind_and_hold_after_a_restart(
    ring: KeyRing, collection: Any, clock: SetClock
) -> None:
    first = ring.of("wuhai").blind("13900000001", "phone")
    assert first != ring.of("yaan").blind("13900000001", "phone")
    assert first != ring.of("wuhai").blind("13900000001", "identity_number")
    assert first == KeyRing(collection, ROOT, INDEX, clock).of("wuhai").blind("13900000001", "phone")


def test_who_holds_only_the_root_key_can_not_search_and_who_holds_only_the_index_key_can_not_read(
    ring: KeyRing, collection: Any, clock: SetClock
) -> None:
    sealed = ring.of("wuhai").seal("13900000001", PHONE)
    ring.of("wuhai").blind("13900000001", "phone")
    with pytest.raises(KeyLocked):
        KeyRing(collection, ROOT, OTHER, clock).of("wuhai").blind("13900000001", "phone")
    with pytest.raises(KeyLocked):
        KeyRing(collection, OTHER, INDEX, clock).of("wuhai").open(sealed, PHONE)


@pytest.mark.parametrize("content", [b"", b"secret", b"r" * 32, base64.b64encode(b"r" * 31)])
def test_a_key_file_that_does_not_hold_base64_of_32_bytes_is_refused(content: bytes) -> None:
    with pytest.raises(BadKey):
        FileRootKey(content)
