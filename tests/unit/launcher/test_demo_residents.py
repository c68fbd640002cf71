"""The residents of the demo: invented, visibly so, and such that the service takes them."""

from __future__ import annotations

from itertools import islice

import msgspec
import pytest

from launcher.demo import residents
from launcher.problems import Stopped
from services.residents.api.imports import RegisteredPerson
from services.residents.people.profile import Profile

BUILDINGS = [{"id": f"B{number}", "area": "/1503/150302/"} for number in range(34)]
PEOPLE = list(islice(residents.people(BUILDINGS), 20_000))


def test_each_fits_the_form_and_their_number() -> None:
    assert len(PEOPLE) == 20_000
    for row in PEOPLE[::97]:
        read = msgspec.convert(row, RegisteredPerson)
        profile = Profile.of(name=read.name, identity_number=read.identity_number)
        assert profile.birthday is not None
        assert 1920 < profile.birthday.year < 2026


def test_nobody_could_be_real() -> None:
    assert {row["identity_number"][:6] for row in PEOPLE} == {"990000"}
    assert {letter for row in PEOPLE for letter in row["name"][1:]} == set("甲乙丙丁戊己庚辛壬癸")
    assert all(row.get("phone", "000").startswith("000") for row in PEOPLE)


def test_a_household_has_one_home_and_one_head_and_no_two_have_the_same_home() -> None:
    homes: dict[str, set[tuple[str, str]]] = {}
    heads: dict[str, int] = {}
    for row in PEOPLE:
        homes.setdefault(row["register_household"], set()).add((row["building"], row["door"]))
        heads[row["register_household"]] = heads.get(row["register_household"], 0) + (row["relation"] == "head")
    assert {len(each) for each in homes.values()} == set(heads.values()) == {1}
    assert len({home for each in homes.values() for home in each}) == len(homes)
    assert len({row["person"] for row in PEOPLE}) == len(PEOPLE)


@pytest.mark.parametrize("said", ["-1", "many", "50001", "５", ""])
def test_a_number_of_residents_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("LINLI_DEMO_RESIDENTS", said)
    with pytest.raises(Stopped, match="it must be a number from 0 to 50,000"):
        residents.how_many()


def test_without_a_word_there_are_twenty_thousand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINLI_DEMO_RESIDENTS")
    assert residents.how_many() == 20_000
