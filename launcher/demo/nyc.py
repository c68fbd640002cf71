"""New York: boroughs, community boards, agencies and complaint types, all from the 311 file."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from launcher.api import Api
from launcher.demo.loading import DATA, Body, Show, open_city
from launcher.demo.sign_ins import Staff, add_staff
from launcher.imports import nyc311
from launcher.imports.cases import import_file
from launcher.imports.divisions import COLUMNS
from launcher.imports.nyc311 import BOROUGHS, ROOT, Row
from vocabulary.roles import Role

FILE = DATA / "nyc311-2024-04.csv"
PATH = f"/{ROOT}/"

STAFF = (
    Staff("centre", Role.CENTRE, "Robin Vance", "centre_officer", "311 duty officer", ROOT, PATH, "dispatch"),
    Staff("hotline", Role.HOTLINE, "Casey Lund", "hotline_agent", "311 call taker", ROOT, PATH, "take calls"),
    Staff("nypd", Role.DEPARTMENT, "Jo Marsh", "department_officer", "Precinct officer", "nypd", PATH, "handle"),
)


def load(operator: Callable[[str], Api], password: str, show: Show) -> None:
    rows = list(nyc311.rows_of(FILE))
    settings = {
        "name": "New York City",
        "languages": ["en"],
        "calendar": {"zone": "America/New_York", "holidays": "none"},
        "categories": categories(rows),
    }
    city = open_city(operator("nyc"), "nyc", password, show, root=ROOT, settings=settings)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "divisions.csv"
        _write(file, divisions(rows))
        city.divisions(file)
    city.post_all("agencies", "/v1/units", agencies(rows))
    city.post_all("list entries", "/v1/list-entries", list_entries(rows))
    add_staff(city, STAFF, password)
    _import_cases(operator("nyc"), len(rows), show)


def _import_cases(operator: Api, count: int, show: Show) -> None:
    """Imports every row once, however often this runs; keeps no progress."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.csv"
        import_file(operator, "nyc", FILE, report, Path(folder), show=lambda done: show("nyc: cases", done.read, count))


def divisions(rows: Iterable[Row]) -> list[tuple[str, str, str, str]]:
    """Returns code, parent, level and name of the five boroughs and of every board in the file."""
    boards = {board: row["community_board"] for row in rows if (board := nyc311.board_of(row["community_board"]))}
    return [
        *((code, ROOT, "county", name.title()) for name, code in BOROUGHS.items()),
        *((code, code[0], "street", f"Community Board {boards[code].title()}") for code in sorted(boards)),
    ]


def categories(rows: Iterable[Row]) -> list[Body]:
    """Returns a category for each complaint type without a standard one."""
    types = sorted({row["complaint_type"] for row in rows})
    found = {nyc311.category_of(name): name for name in types}
    return [
        {"code": code, "zh": name[:40], "en": name, "on_site": True}
        for code, name in found.items()
        if not nyc311.is_standard(code)
    ]


def agencies(rows: Iterable[Row]) -> list[Body]:
    names = {nyc311.unit_of(row["agency"]): row["agency_name"] for row in rows}
    return [{"unit": unit, "name": name, "kind": "department", "path": PATH} for unit, name in sorted(names.items())]


def list_entries(rows: Iterable[Row]) -> list[Body]:
    """Makes the agency that handles a complaint type most often its lead."""
    times: dict[str, dict[str, int]] = {}
    for row in rows:
        counts = times.setdefault(nyc311.category_of(row["complaint_type"]), {})
        counts[row["agency"]] = counts.get(row["agency"], 0) + 1
    return [
        {
            "kind": "duties",
            "category": category,
            "tier": "city",
            "lead": nyc311.unit_of(max(sorted(counts), key=lambda agency: counts[agency])),
            "legal_basis": "NYC 311 service request types",
        }
        for category, counts in sorted(times.items())
    ]


def _write(file: Path, found: Iterable[tuple[str, str, str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows([COLUMNS.needed, *found])
