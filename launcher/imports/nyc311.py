"""Mapping of New York City's 311 service requests to import rows.

Source: NYC Open Data, "311 Service Requests from 2010 to Present", in the names and times of its API or of its portal;
times are local where they name no zone.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chassis.csv_table import BadRow, Columns
from launcher.imports.files import RowFaults, number_of

SOURCE = "nyc311"
ROOT = "nyc"
# The city's own borough numbers; the number of a community board is its borough's plus two digits.
BOROUGHS = {"MANHATTAN": "1", "BRONX": "2", "BROOKLYN": "3", "QUEENS": "4", "STATEN ISLAND": "5"}
COLUMNS = Columns(
    ("unique_key", "created_date", "agency", "complaint_type", "status", "community_board", "borough"),
    ("closed_date", "descriptor", "resolution_description", "incident_address", "intersection_street_1",
     "intersection_street_2", "latitude", "longitude"),
)  # fmt: skip

# Complaint types that map to a standard category; each of the others gets a new category.
_STANDARD = {
    "Street Condition": "component.road.pavement",
    "Highway Condition": "component.road.pavement",
    "Sidewalk Condition": "component.road.footpath",
    "Curb Condition": "component.road.footpath",
    "Traffic Signal Condition": "component.road.traffic-light",
    "Street Sign - Missing": "component.road.traffic-sign",
    "Street Light Condition": "component.utility.street-lamp",
    "Water System": "component.utility.water-pipe",
    "Damaged Tree": "component.greenery.street-tree",
    "Illegal Tree Damage": "component.greenery.street-tree",
    "New Tree Request": "component.greenery.street-tree",
    "Graffiti": "event.advertising.bill-posting",
    "Sewer": "event.appearance.blocked-sewer",
    "Dirty Condition": "event.appearance.uncollected-waste",
    "Residential Disposal Complaint": "event.appearance.uncollected-waste",
    "Illegal Dumping": "event.appearance.construction-waste",
    "HEAT/HOT WATER": "event.emergency.heating-outage",
    "Illegal Parking": "event.street.illegal-parking",
    "Blocked Driveway": "event.street.illegal-parking",
    "Abandoned Bike": "event.street.bicycle-parking",
    "Vendor Enforcement": "event.street.street-vending",
    "Mobile Food Vendor": "event.street.street-vending",
}
_PORTAL = "%m/%d/%Y %I:%M:%S %p"
"""How the portal exports a time: `06/26/2018 10:58:54 AM`, New York time."""
_NOISE = "event.appearance.noise"
_STATES = {
    "Open": "DISPATCHED",
    "Assigned": "ACCEPTED",
    "Started": "IN_PROGRESS",
    "In Progress": "IN_PROGRESS",
    "Pending": "IN_PROGRESS",
    "Closed": "CLOSED",
    "Unassigned": "REGISTERED",
}
Row = Mapping[str, str]


def rows_of(file: Path) -> Iterator[Row]:
    """Yields the rows of a file that is known to be valid; for others see `cases.read`."""
    with file.open(encoding="utf-8", newline="") as opened:
        yield from csv.DictReader(opened)


def category_of(complaint: str) -> str:
    if complaint == "Noise" or complaint.startswith("Noise - "):
        return _NOISE
    return _STANDARD.get(complaint) or f"event.nyc311.{_slug(complaint)}"


def is_standard(category: str) -> bool:
    """Whether the category is standard, so that the city need not add it."""
    return ".nyc311." not in category


def board_of(community_board: str) -> str:
    """Returns 413 for `13 QUEENS`, and "" for `Unspecified QUEENS`."""
    number, _, borough = community_board.partition(" ")
    return f"{BOROUGHS[borough]}{number}" if number.isdecimal() and borough in BOROUGHS else ""


def unit_of(agency: str) -> str:
    return agency.lower()


def path_of(row: Row, root: str) -> str:
    """Returns the most specific path: `/nyc/4/413/`, the borough's, or the city's."""
    codes = (BOROUGHS.get(row["borough"], ""), board_of(row["community_board"]))
    return root + "".join(f"{code}/" for code in codes if code)


def row_of(record: Row, root: str, zone: ZoneInfo) -> dict[str, Any]:
    """Maps a record to an import row. `root`: the path of the city. Raises `BadRow`."""
    faults = RowFaults()
    for name in ("unique_key", "complaint_type", "agency"):
        with faults.collected():
            if not record[name]:
                raise BadRow(f"{name}: is missing", f"{name}：缺少该值")
    state = ""
    with faults.collected():
        state = _state(record["status"])
    texts = (record["complaint_type"], record.get("descriptor", ""), record.get("resolution_description", ""))
    crossing = [record.get(f"intersection_street_{number}", "") for number in (1, 2)]
    row: dict[str, Any] = {
        "number": record["unique_key"],
        "category": category_of(record["complaint_type"]),
        "path": path_of(record, root),
        "state": state,
        "text": "\n".join(text for text in texts if text),
        "address": record.get("incident_address") or " and ".join(street for street in crossing if street),
        "lead": unit_of(record["agency"]),
    }
    with faults.collected():
        reported = _moment(record, "created_date", zone)
        row["reported_at"] = reported.isoformat()
        # An open request keeps the date of an earlier closing.
        if record.get("closed_date") and state == "CLOSED":
            row["closed_at"] = _after(reported, _moment(record, "closed_date", zone)).isoformat()
    for name, column in (("lon", "longitude"), ("lat", "latitude")):
        with faults.collected():
            if record.get("longitude") and record.get("latitude"):
                row[name] = number_of(record, column)
    faults.require_none()
    return row


def _state(status: str) -> str:
    if status not in _STATES:
        raise BadRow(
            f"status: {status[:40] or 'nothing'} is not one of {', '.join(_STATES)}",
            f"status：{status[:40] or '空值'} 须为 {'、'.join(_STATES)} 之一",
        )
    return _STATES[status]


def _moment(record: Row, name: str, zone: ZoneInfo) -> datetime:
    """Returns the moment in a cell. One that names its zone keeps it; others are the city's."""
    cell = record[name]
    try:
        if "/" in cell:
            return datetime.strptime(cell, _PORTAL).replace(tzinfo=zone)
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise BadRow(
            f"{name}: {cell[:40] or 'nothing'} is not a date", f"{name}：{cell[:40] or '空值'} 不是日期"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _after(reported: datetime, closed: datetime) -> datetime:
    """Returns the closing time; in the hour that comes twice when summer time ends, the one that is not too early."""
    later = closed.replace(fold=1)
    return later if closed.astimezone(UTC) < reported.astimezone(UTC) <= later.astimezone(UTC) else closed


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
