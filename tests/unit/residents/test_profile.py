"""The tokens by which a resident is found."""

from __future__ import annotations

from datetime import date

import pytest

from services.residents.people.profile import Profile, initials_of, surname_of, token_of
from tests.unit.residents.samples import blind, number_of

pytestmark = pytest.mark.domain("Privacy: sealed fields")
BORN = date(1950, 5, 1)
CODES = ["1503", "150302"]
PROFILE = Profile.of(name="欧阳小明", identity_number=number_of(BORN), phone="139 0000 0001")


@pytest.mark.parametrize(
    ("name", "surname", "initials"),
    [
        ("王小明", "王", "wxm"), ("欧阳娜", "欧阳", "oyn"), ("单芳", "单", "sf"), ("曾雨", "曾", "zy"),
        ("尉迟恭", "尉迟", "ycg"), ("欧阳", "欧", "oy"), ("乌日娜", "乌", "wrn"), ("Bat", "B", "bat"), ("·", "·", ""),
    ],
)  # fmt: skip
def test_surnames_and_initials_are_those_that_people_say(name: str, surname: str, initials: str) -> None:
    assert (surname_of(name), initials_of(name)) == (surname, initials)


@pytest.mark.parametrize(
    ("by", "value"),
    [
        ("name", "欧阳小明"), ("surname", "欧阳"), ("initials", "oyxm"), ("phone", "139 0000 0001"),
        ("identity_number", number_of(BORN)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("code", CODES)
def test_a_search_by_any_value_asks_for_a_token_that_the_resident_has(by: str, value: str, code: str) -> None:
    assert token_of(blind, by, value, code) in PROFILE.tokens(blind, CODES)


def test_a_search_by_surname_finds_nobody_of_another_division() -> None:
    assert token_of(blind, "surname", "欧阳", "150303") not in PROFILE.tokens(blind, CODES)


def test_a_search_by_an_old_number_finds_whoever_has_the_new_one() -> None:
    old = number_of(BORN)[:6] + number_of(BORN)[8:17]
    assert token_of(blind, "identity_number", old, "1503") in PROFILE.tokens(blind, CODES)


def test_whoever_has_no_number_and_no_phone_has_no_token_of_them() -> None:
    kinds = {token.partition("=")[0] for token in Profile(name="王小明", phone="无").tokens(blind, CODES)}
    assert kinds == {"name", "surname", "initials"}
