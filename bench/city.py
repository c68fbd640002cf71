"""Benchmark data: a street with its communities and people, and 10,000 cases of which a filter matches 500."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chassis.security import operator_token
from chassis.security.principal import path_of
from launcher.api import Api
from launcher.demo.loading import open_city
from launcher.demo.sign_ins import Staff, add_staff

TENANT = "bench"
CASES, LISTED = 10_000, 500
_DAYS = 90
_PAGE = 200
_PARALLEL = 4
#: People per role; also communities, with one grid each.
_OF_EACH = 16
#: Reports that are followed without a sign-in.
_FOLLOWED = 200
_ROOT, _COUNTY, _STREET = "1503", "150302", "150302003"
_COMMUNITIES = [f"{_STREET}{number:03}" for number in range(1, _OF_EACH + 1)]
_IN_STREET = path_of(_ROOT, _COUNTY, _STREET)
GRIDS = [path_of(_ROOT, _COUNTY, _STREET, community, f"{community}001") for community in _COMMUNITIES]


def _divisions() -> list[dict[str, Any]]:
    tree = [(_COUNTY, _ROOT, "county"), (_STREET, _COUNTY, "street")]
    tree += [(community, _STREET, "community") for community in _COMMUNITIES]
    return [
        {"line": line, "code": code, "parent": parent, "tier": tier, "name": f"{tier} {code}"}
        for line, (code, parent, tier) in enumerate(tree, 1)
    ]


def _people() -> list[Staff]:
    """Returns reporters with a grid each, staff who register, readers who see everything masked, and one importer."""
    county = path_of(_ROOT, _COUNTY)
    found = [Staff("centre", "centre", "中心", "centre_officer", "值班长", _COUNTY, county, "值班")]
    for number, (community, grid) in enumerate(zip(_COMMUNITIES, GRIDS, strict=True)):
        found += [
            Staff(f"grid{number}", "grid_worker", "网格", "grid_worker", "网格员", community, grid, "巡查"),
            Staff(f"street{number}", "street", "街道", "street_officer", "街道干部", _STREET, _IN_STREET, "立案"),
            Staff(f"hotline{number}", "hotline", "热线", "hotline_agent", "话务员", _ROOT, path_of(_ROOT), "接听"),
        ]
    return found


class City:
    """The city at `url`, opened with the operator's key. `tokens(kind)`: tokens of signed-in people."""

    def __init__(self, url: str, key: bytes) -> None:
        self._url = url
        self._password = secrets.token_urlsafe(16)
        operator = Api(url, operator_token.issue(TENANT, key))
        city = open_city(operator, TENANT, self._password, _quiet, root=_ROOT, settings={"name": "Bench"})
        city.post("/v1/divisions/import", rows=_divisions())
        for community in _COMMUNITIES:
            city.post("/v1/grids", code=f"{community}001", name=f"{community} 网格", level="base", above=community)
        add_staff(city, tuple(_people()), self._password)

    def sign_in(self, login: str) -> Api:
        return Api(self._url).signed_in(TENANT, login, self._password)

    def tokens(self, kind: str) -> list[str]:
        return [self.sign_in(f"{kind}{number}").token for number in range(_OF_EACH)]

    def receipts(self) -> list[str]:
        """Reports without a sign-in; returns id and code of each, by which it can be followed."""
        visitor = Api(self._url, tenant=TENANT)
        reports = [visitor.post("/v1/cases", **_report(number)) for number in range(_FOLLOWED)]
        return [f"{report['id']} {report['code']}" for report in reports]

    def import_cases(self, count: int, listed: int) -> None:
        """Imports cases: `listed` of them registered, spread evenly among the others, which await verification."""
        centre = self.sign_in("centre")
        rows = [
            _row(number, "REGISTERED" if number * listed % count < listed else "REPORTED") for number in range(count)
        ]
        pages = [rows[first : first + _PAGE] for first in range(0, count, _PAGE)]
        with ThreadPoolExecutor(_PARALLEL) as pool:
            for report in pool.map(lambda page: centre.post("/v1/imports/cases", source="bench", rows=page), pages):
                if report["rejected"]:
                    raise AssertionError(report["rejected"][0])


def write_lines(file: Path, lines: Iterable[str]) -> Path:
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def _row(number: int, state: str) -> dict[str, Any]:
    """Spreads the cases over the last months and all communities, as in a real city."""
    reported = datetime.now(UTC) - timedelta(days=number % _DAYS, seconds=number)
    report = _report(number)
    place = report.pop("place")
    imported = {"line": number + 1, "number": str(number), "state": state, "reported_at": reported.isoformat()}
    return {**imported, **place, **report, "address": f"{number % 90 + 1}号楼"}


def _report(number: int) -> dict[str, Any]:
    place = {"path": GRIDS[number % len(GRIDS)], "lon": 106.8 + number / 1e5, "lat": 39.6 + number / 1e5}
    return {"place": place, "category": "event.appearance.blocked-sewer", "text": f"下水道堵塞，污水外溢 {number}"}


def _quiet(what: str, done: int, of: int) -> None:
    pass
