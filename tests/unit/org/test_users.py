from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from chassis.security.principal import Principal
from services.org.api.users import Standing, standing_at
from services.org.users import passwords
from services.org.users.failed_sign_ins import FREE_FAILURES, WAIT
from services.org.users.model import Identity, SignInFailed, User, UserDisabled
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


def test_a_failed_sign_in_is_told_as_official_systems_tell_it_and_with_the_word_of_the_form() -> None:
    form = (Path(__file__).parents[3] / "gateway" / "page" / "index.html").read_text(encoding="utf-8")
    assert SignInFailed().text("zh-CN").startswith("账号或密码错误")
    assert "账号" in form


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


def test_a_few_failures_slow_nobody_down_and_success_forgets_them() -> None:
    one = failed(FREE_FAILURES - 1)
    assert one.sign_in(True, NOW)
    assert one.failed == {}


def test_after_the_free_failures_one_try_a_minute_is_left_and_none_is_lost_by_trying_too_early() -> None:
    one = failed(FREE_FAILURES)
    for seconds in (0, 30, 59):
        assert not one.sign_in(True, NOW + timedelta(seconds=seconds))
    assert one.sign_in(True, NOW + MINUTE)


def test_failures_are_forgotten_after_a_while() -> None:
    one = failed(FREE_FAILURES)
    later = NOW + FREE_FAILURES * WAIT
    assert [one.sign_in(False, later) for _ in range(FREE_FAILURES - 1)] == [False] * (FREE_FAILURES - 1)
    assert one.sign_in(True, later)


def test_guesses_of_strangers_do_not_slow_down_a_known_device() -> None:
    one = failed(50)
    assert not one.sign_in(True, NOW)
    assert one.sign_in(True, NOW, device="phone")
    assert not one.sign_in(True, NOW)  # and its success gives strangers no further guesses


def test_a_device_that_fails_too_often_counts_as_an_unknown_one_and_slows_down_no_other_device() -> None:
    one = user()
    for _ in range(2 * FREE_FAILURES):
        one.sign_in(False, NOW, device="stolen")
    assert not one.sign_in(True, NOW, device="stolen")
    assert not one.sign_in(True, NOW)
    assert one.sign_in(True, NOW, device="phone")


def test_a_stolen_session_that_guesses_the_old_password_slows_down_no_sign_in() -> None:
    one = user()
    assert not any(one.confirm_password(False, NOW) for _ in range(50))
    assert not one.confirm_password(True, NOW)
    assert one.sign_in(True, NOW)


@given(st.lists(st.tuples(st.sampled_from(["", "phone", "desk"]), st.integers(0, 90)), max_size=200))
def test_guesses_at_a_login_are_bounded_by_time_for_each_device_and_for_all_strangers(
    tries: list[tuple[str, int]],
) -> None:
    one, at, checked = user(), NOW, dict.fromkeys(("", "phone", "desk"), 0)
    for device, seconds in tries:
        at += timedelta(seconds=seconds)
        before = dict(one.failed)
        assert not one.sign_in(False, at, device)
        if one.failed != before:  # the password was looked at
            checked[device if device and before.get(device) != one.failed.get(device) else ""] += 1
    most = FREE_FAILURES + (at - NOW) // WAIT
    assert all(count <= most for count in checked.values())


def test_what_is_kept_of_failures_is_bounded() -> None:
    one = user()
    for number in range(200):
        one.sign_in(False, NOW + timedelta(seconds=number), device=f"device-{number}")
    assert len(one.failed) <= 20


def test_a_new_password_and_a_disabled_user_end_the_tokens_from_before() -> None:
    one = user()
    one.change_password("other", NOW + MINUTE)
    assert one.tokens_since == NOW + MINUTE
    one.disable(NOW + 2 * MINUTE)
    assert (one.state_event().active, one.tokens_since) == (False, NOW + 2 * MINUTE)
    one.enable()
    assert one.active
    assert one.tokens_since == NOW + 2 * MINUTE


def test_of_the_tokens_of_one_second_only_those_after_the_revocation_are_valid() -> None:
    one, second = user(), NOW.timestamp()
    for revoke in (lambda: one.change_password("other", NOW + timedelta(milliseconds=700)), lambda: one.disable(NOW)):
        before = one.revocations
        assert one.accepts_token(second, before)
        revoke()
        one.enable()
        assert not one.accepts_token(second, before)
        assert one.accepts_token(second, one.revocations)


def test_a_token_without_a_count_is_ordered_by_its_time_alone() -> None:
    one = user()
    one.change_password("other", NOW + MINUTE)
    assert not one.accepts_token(NOW.timestamp(), None)
    assert one.accepts_token((NOW + MINUTE).timestamp(), None)
    assert not one.accepts_token(NOW.timestamp(), one.revocations)


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


def standing(post: str) -> Standing:
    return Standing(subject="U-1", roles=[], area="", unit="", post=post, purposes=[])


@pytest.mark.parametrize(
    ("held", "chosen", "right"),
    [
        (["P1", ""], "", ""),
        (["P1", ""], "P1", "P1"),
        (["P1", "P2"], "", "P1"),
        ([""], "", ""),
        (["P1", ""], "P9", None),
    ],
)
def test_without_a_post_a_person_acts_for_themselves_if_they_may_and_else_at_their_first_post(
    held: list[str], chosen: str, right: str | None
) -> None:
    found = standing_at([standing(post) for post in held], chosen)
    assert (found and found.post) == right
