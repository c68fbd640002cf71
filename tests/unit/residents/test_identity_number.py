"""Identity numbers by GB 11643, and what a profile makes of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.residents.people.profile import Profile
from tests.unit.residents.samples import number_of
from vocabulary.identity_number import IdentityNumber

pytestmark = pytest.mark.domain("采集、动态更新")
BORN = date(1950, 5, 1)


def test_the_example_of_the_standard_is_read() -> None:
    # GB 11643-1999, annex A
    number = IdentityNumber.of("11010519491231002x")
    assert (number.number, number.born, number.sex) == ("11010519491231002X", date(1949, 12, 31), "2")


def test_a_number_of_15_digits_is_of_the_last_century_and_gets_its_check_character() -> None:
    assert IdentityNumber.of("110105491231002").number == "11010519491231002X"


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999))
def test_every_number_with_its_check_character_is_read(born: date, serial: int) -> None:
    number = IdentityNumber.of(number_of(born, serial))
    assert (number.born, number.sex) == (born, "1" if serial % 2 else "2")


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(place: int, shift: int) -> None:
    right = number_of(BORN)
    wrong = right[:place] + str((int(right[place]) + shift) % 10) + right[place + 1 :]
    with pytest.raises(Invalid):
        IdentityNumber.of(wrong)


@pytest.mark.parametrize("text", ["", "1234", "1101051949123100", "11010519490231002", "x" * 18, "110105490231002"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        IdentityNumber.of(text)


def test_a_profile_takes_sex_and_birthday_from_the_number() -> None:
    profile = Profile.of(name=" 王小明 ", identity_number=number_of(BORN, 13))
    assert (profile.name, profile.birthday, profile.sex) == ("王小明", BORN, "1")


@pytest.mark.parametrize(("field", "given_"), [("birthday", {"birthday": date(1950, 5, 2)}), ("sex", {"sex": "2"})])
def test_a_profile_that_its_number_contradicts_is_refused(field: str, given_: dict) -> None:
    with pytest.raises(Invalid) as refusal:
        Profile.of(name="王小明", identity_number=number_of(BORN, 13), **given_)
    assert refusal.value.faults[0][0] == field


def test_somebody_born_in_the_future_is_refused() -> None:
    with pytest.raises(Invalid):
        Profile(name="王小明", birthday=date(2030, 1, 1)).require_born_by(date(2026, 1, 1))
