"""The city that is measured: one grid with its people, and 10,000 cases of which a filter finds 500."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from chassis import operator
from launcher.api import Api
from launcher.demo_data.loading import open_city
from launcher.demo_data.sign_ins import Staff, add_staff

TENANT = "bench"
CASES, LISTED = 10_000, 500
_PAGE = 200
_SIDE_BY_SIDE = 4
_CODES = ("1503", "150302", "150302003", "150302003014", "150302003014001")
_STREET = "/" + "/".join(_CODES[:3]) + "/"
GRID = "/" + "/".join(_CODES) + "/"
_DIVISIONS = [
    {"line": number, "code": _CODES[number], "parent": _CODES[number - 1], "tier": tier, "name": tier}
    for number, tier in enumerate(("county", "street", "community"), 1)
]
_OF_EACH = 8


def people() -> list[Staff]:
    """Eight who report, eight who register, eight who read with everything masked, and one who imports."""
    found = [
        Staff("centre", "centre", "中心", "centre_officer", "中心", _CODES[1], f"/{_CODES[0]}/{_CODES[1]}/", "值班")
    ]
    for number in range(_OF_EACH):
        found.append(Staff(f"grid{number}", "grid_worker", "网格员", "grid_worker", "网格员", _CODES[3], GRID, "巡查"))
        found.append(
            Staff(f"street{number}", "street", "街道", "street_officer", "街道干部", _CODES[2], _STREET, "立案")
        )
        found.append(
            Staff(f"hotline{number}", "hotline", "热线", "hotline_agent", "话务员", _CODES[0], "/1503/", "接听")
        )
    return found


class City:
    """At `url`, made by whoever holds the operator's key. `tokens(kind)` are those of signed-in people."""

    def __init__(self, url: str, key: bytes) -> None:
        self._url = url
        self._password = secrets.token_urlsafe(16)
        boss = Api(url, operator.issue(TENANT, key))
        self._city = open_city(boss, TENANT, self._password, _quiet, root=_CODES[0], settings={"name": "Bench"})
        self._city.post("/v1/divisions/import", rows=_DIVISIONS)
        grid = {"code": _CODES[4], "name": "第一网格", "level": "base", "above": _CODES[3]}
        self._city.post("/v1/grids", **grid)
        add_staff(self._city, tuple(people()), self._password)

    def sign_in(self, login: str) -> Api:
        return Api(self._url).signed_in(TENANT, login, self._password)

    def tokens(self, kind: str) -> list[str]:
        return [self.sign_in(f"{kind}{number}").token for number in range(_OF_EACH)]

    def import_cases(self, count: int, listed: int) -> None:
        """`listed` of them are registered, spread evenly among the others, which wait for verification."""
        centre = self.sign_in("centre")
        rows = [
            _row(number, "REGISTERED" if number * listed % count < listed else "REPORTED") for number in range(count)
        ]
        pages = [rows[first : first + _PAGE] for first in range(0, count, _PAGE)]
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            for report in pool.map(lambda page: centre.post("/v1/imports/cases", source="bench", rows=page), pages):
                if report["rejected"]:
                    raise AssertionError(report["rejected"][0])


def write_lines(file: Path, lines: Iterable[str]) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def _row(number: int, state: str) -> dict[str, Any]:
    place = {"path": GRID, "lon": 106.8 + number / 1e5, "lat": 39.6 + number / 1e5, "address": f"{number % 90 + 1}号楼"}
    described = {"category": "event.appearance.blocked-sewer", "text": f"下水道堵塞,污水外溢 {number}"}
    return {"line": number + 1, "number": str(number), "state": state, **place, **described}


def _quiet(what: str, done: int, of: int) -> None:
    pass
