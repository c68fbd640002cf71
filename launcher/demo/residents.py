"""Residents of a demo city, all invented and visibly so: their given names are counted by the ten stems (甲乙丙丁), and
their identity numbers are of a division that does not exist."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import islice

from launcher.api import Api
from launcher.demo.loading import Body, Loader
from launcher.problems import Stopped
from vocabulary.identity_number import check_character

SOURCE = "demo"
_RESIDENTS, _MOST = 20_000, 50_000
_NO_DIVISION = "990000"
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
_STEMS = "甲乙丙丁戊己庚辛壬癸"
#: Imports of one address that run at once: the gateway has no more places for it.
_AT_ONCE, _PARALLEL = 500, 2
_FIRST_BIRTHDAY = date(1931, 1, 1)
#: How many live in a household, in turn, and who they are to its head.
_SIZES = (3, 1, 4, 2, 3, 2, 5, 1, 3, 2)
_RELATIONS = ("head", "spouse", "child", "child", "parent")
#: Ages of the members of a household.
_AGES = (41, 39, 14, 9, 68)
_DOORS_OF_FLOOR, _FLOORS, _UNITS = 4, 18, 9


def load(city: Loader, operator: Api, buildings: Sequence[Body]) -> None:
    """Imports residents of these buildings (`GET /v1/buildings`, each with its `area`)."""
    loader, number = Loader(operator, city.tenant, city.show), how_many()
    rows = islice(people(buildings), number)
    pages = list(iter(lambda: list(islice(rows, _AT_ONCE)), []))
    done = 0
    with ThreadPoolExecutor(_PARALLEL) as pool:
        for answer in pool.map(lambda page: loader.post("/v1/imports/residents", source=SOURCE, rows=page), pages):
            if answer["rejected"]:
                raise Stopped(f"/v1/imports/residents: {answer['rejected'][0]}")
            done += answer["made"] + answer["known"]
            city.show(f"{city.tenant}: residents", done, number)


def how_many() -> int:
    """Returns how many residents the demo has; `LINLI_DEMO_RESIDENTS` names another number. Raises `Stopped`."""
    said = os.environ.get("LINLI_DEMO_RESIDENTS", str(_RESIDENTS))
    if not said.isascii() or not said.isdigit() or int(said) > _MOST:
        raise Stopped(f"LINLI_DEMO_RESIDENTS is {said!r}; it must be a number from 0 to {_MOST:,}.")
    return int(said)


def people(buildings: Sequence[Body]) -> Iterator[Body]:
    """Yields the people of one household after another, who live in the buildings in turn."""
    line = 0
    for household in range(len(buildings) * _UNITS * _FLOORS * _DOORS_OF_FLOOR):
        home = _home(buildings[household % len(buildings)], household // len(buildings))
        for member in range(_SIZES[household % len(_SIZES)]):
            line += 1
            yield (
                {"line": line, "person": f"P{line}", "register_household": f"H{household}"}
                | home
                | _person(household, member, line)
            )


def _home(building: Body, number: int) -> Body:
    floors, door = divmod(number, _DOORS_OF_FLOOR)
    unit, floor = divmod(floors, _FLOORS)
    return {
        "area": building["area"],
        "building": building["id"],
        "door": f"{unit + 1}单元{floor + 1}{door + 1:02}",
    }


def _person(household: int, member: int, line: int) -> Body:
    surname = _SURNAMES[(household if member != 1 else household * 7 + 3) % len(_SURNAMES)]
    given = _STEMS[line // 10 % 10] + _STEMS[line % 10]
    age = _AGES[member] + household % 17 if member != 2 else _AGES[member] + household % 9
    born = _FIRST_BIRTHDAY + timedelta(days=365 * (95 - age) + line * 37 % 365)
    body = f"{_NO_DIVISION}{born:%Y%m%d}{line % 1000:03}"
    phone = {"phone": f"000{line:08}"} if member < 2 else {}
    return {
        "relation": _RELATIONS[member],
        "name": surname + given,
        "identity_number": body + check_character(body),
    } | phone
