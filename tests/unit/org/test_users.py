from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.security.principal import Principal
from services.org.users import passwords
from services.org.users.model import (
    FREE_FAILURES,
    LONGEST_WAIT,
    Identity,
    User,
    UserDisabled,
)
from services.org.users.passwords import hash_password, verify_password
from tests.unit.org.people_samples import NOW

MINUTE = timedelta(minutes=1)


def user() -> User:
    return User.register(
        "wuhai", "U-1", "staff", login_index="i", login="s1", name="s2", phone="s3", password="hash", now=NOW
    )


def failed(times: int, at: datetime = NOW) -> User:
    one = user()
    for _ in range(times):
        assert not one.sign_in(False, at)
    return one


def test_a_password_matches_its_own_hash_and_an_unknown_users_matches_none() -> None:
    hashed = hash_password("correct horse battery", "wang")
    assert verify_password("correct horse battery", hashed)
    assert not verify_password("correct horse batterz", hashed)
    assert not verify_password("nobody has this password", None)


def test_an_unknown_login_is_verified_with_argon2_at_the_cost_of_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = hash_password("correct horse battery", "wang")
    costs = []

    class Watched(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002  # argon2's own name
            costs.append(extract_parameters(str(hash)))
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_hasher", Watched())
    for known_or_not in (hashed, None):
        assert not verify_password("not the password", known_or_not)
    assert len(costs) == 2
    assert costs[0] == costs[1]


@pytest.mark.parametrize("password", ["short", "my-WANG-password"])
def test_a_short_password_or_one_with_the_login_in_it_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        hash_password(password, "wang")


def test_a_few_failures_do_not_lock_and_success_resets_them() -> None:
    one = failed(FREE_FAILURES - 1)
    assert one.sign_in(True, NOW)
    assert one.failures == 0


def test_the_fifth_failure_locks_for_a_minute_even_for_the_right_password() -> None:
    one = failed(FREE_FAILURES)
    assert not one.sign_in(True, NOW + MINUTE / 2)
    assert one.sign_in(True, NOW + MINUTE)


def test_each_failure_after_a_wait_doubles_it_up_to_half_an_hour() -> None:
    one, at, waits = failed(FREE_FAILURES - 1), NOW, []
    for _ in range(8):
        one.sign_in(False, at)
        assert one.locked_until
        waits.append(one.locked_until - at)
        at = one.locked_until
    assert waits == [MINUTE * minutes for minutes in (1, 2, 4, 8, 16, 30, 30, 30)]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=60))
def test_a_guesser_never_gets_more_tries_than_the_waits_allow(tries: list[tuple[bool, int]]) -> None:
    one, at = user(), NOW
    for matches, minutes in tries:
        at += minutes * MINUTE
        locked = one.locked_until is not None and one.locked_until > at
        failures = one.failures
        assert one.sign_in(matches, at) is (matches and not locked)
        assert one.failures == (failures if locked else 0 if matches else failures + 1)
        assert one.locked_until is None or one.locked_until - at <= LONGEST_WAIT


def test_a_try_while_locked_does_not_prolong_the_wait() -> None:
    one = failed(FREE_FAILURES)
    until = one.locked_until
    one.sign_in(False, NOW)
    assert one.locked_until == until


def test_a_new_password_and_a_disabled_user_end_the_tokens_from_before() -> None:
    one = user()
    one.change_password("other", NOW + MINUTE)
    assert one.tokens_since == NOW + MINUTE
    one.disable(NOW + 2 * MINUTE)
    assert (one.state_event().active, one.tokens_since) == (False, NOW + 2 * MINUTE)
    one.enable()
    assert one.active
    assert one.tokens_since == NOW + 2 * MINUTE


def test_a_token_of_the_same_second_stays_valid() -> None:
    one = user()
    one.change_password("other", NOW + timedelta(milliseconds=700))
    assert one.tokens_since == NOW


def test_a_disabled_user_cannot_sign_in_or_change_the_password() -> None:
    one = user()
    one.disable(NOW)
    assert not one.sign_in(True, NOW)
    with pytest.raises(UserDisabled):
        one.change_password("other", NOW)


@pytest.mark.parametrize(
    ("subject", "role", "seen"),
    [("U-1", "street", True), ("U-2", "street", False), ("U-2", "tenant_admin", True), ("U-2", "operator", True)],
)
def test_those_who_give_out_posts_see_a_user_and_the_user_too(subject: str, role: str, seen: bool) -> None:
    assert user().seen_by(Principal(tenant="wuhai", subject=subject, roles=frozenset({role}))) == seen


def test_the_event_of_a_user_contains_no_login_name_or_phone() -> None:
    assert set(user().state_event().__struct_fields__) == {"id", "kind", "active", "tokens_since"}


def test_one_foreign_identity_is_one_user_and_its_key_does_not_show_the_subject() -> None:
    first = Identity.link("wuhai", "https://id.example", "li@example.org", "U-1")
    again = Identity.link("wuhai", "https://id.example", "li@example.org", "U-2")
    assert first.id == again.id
    assert "example" not in first.id
    assert first.id != Identity.link("wuhai", "https://other.example", "li@example.org", "U-1").id
