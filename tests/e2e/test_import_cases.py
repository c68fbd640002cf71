"""`./linli import-cases` against a running installation."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from launcher.api import Api
from launcher.demo.sign_ins import COMMUNITY
from tests.e2e.conftest import Command
from tests.servers.site import Site

ROWS = [
    ("number", "category", "path", "state", "text", "lead", "reported_at"),
    ("a-1", "event.appearance.blocked-sewer", COMMUNITY, "IN_PROGRESS", "外溢", "water-supply", "2026-01-05T08:00:00Z"),
    ("a-2", "event.appearance.nothing", COMMUNITY, "REGISTERED", "", "", ""),
    ("a-3", "event.appearance.dust", COMMUNITY, "REGISTERED", "尘" * 2001, "", ""),
    ("a-4", "event.appearance.dust", "/1503/999999/", "REGISTERED", "", "", ""),
    ("a-5", "event.appearance.dust", COMMUNITY, "SUSPENDED", "", "", ""),
    ("a-6", "event.appearance.dust", COMMUNITY, "CLOSED", "", "", "2026-01-06T08:00:00Z"),
    ("a-7", "event.appearance.dust", COMMUNITY),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with (tmp_path / "old-system.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(ROWS)
    return tmp_path


def test_an_import_reports_rejected_rows_and_continues(
    wuhai: str, elsewhere: Command, folder: Path, running_site: Site, demo_password: str
) -> None:
    done = elsewhere("import-cases", "--tenant", "wuhai", "old-system.csv", cwd=folder)
    assert done.returncode == 3, done.stdout + done.stderr
    assert done.stdout.count("7 rows: 2 imported, 0 already present, 5 rejected") == 1
    with (folder / "old-system.csv.report.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["line", "result", "id", "reason", "原因"]
    rejected = [row for row in rows if row[1] == "rejected"]
    assert [int(line) for line, *_ in rejected] == [3, 4, 5, 6, 8]
    has_chinese = re.compile("[\u4e00-\u9fff]").search
    assert not any(has_chinese(english) for *_, english, _ in rejected), rejected
    assert all(has_chinese(chinese) for *_, chinese in rejected), rejected
    assert [(line, result, bool(case)) for line, result, case, _, _ in rows if result != "rejected"] == [
        ("2", "imported", True), ("7", "imported", True),
    ]  # fmt: skip
    again = elsewhere("import-cases", "--tenant", "wuhai", "old-system.csv", cwd=folder)
    assert "7 rows: 0 imported, 2 already present, 5 rejected" in again.stdout
    centre = Api(running_site.url).signed_in("wuhai", "centre", demo_password)
    [found] = centre.get("/v1/cases?state=IN_PROGRESS&unit=water-supply&reported_until=2026-02-01T00:00:00Z")["items"]
    _enters_in_its_state_with_its_clock_from_now(centre, found["id"])


def test_a_row_with_several_faults_names_each_with_its_column(wuhai: str, elsewhere: Command, tmp_path: Path) -> None:
    with (tmp_path / "bad.csv").open("w", encoding="utf-8", newline="") as file:
        row = ("1", "event.no.such", "/1503/999999/1/", "REPORTED", "", "2026-01-05T08:00:00Z")
        csv.writer(file).writerows([("number", "category", "path", "state", "lead", "closed_at"), row])
    assert elsewhere("import-cases", "--tenant", "wuhai", "bad.csv", cwd=tmp_path).returncode == 3
    with (tmp_path / "bad.csv.report.csv").open(encoding="utf-8", newline="") as file:
        _, [line, result, _, en, zh] = csv.reader(file)
    assert (line, result) == ("2", "rejected")
    assert en.startswith("path: ")
    assert "; category: “event.no.such” is not a category of this tenant; closed_at: only a closed case has one" in en
    assert zh.endswith("closed_at：仅“已结案”案件可填写结案时间")


def _enters_in_its_state_with_its_clock_from_now(centre: Api, case: str) -> None:
    seen = centre.get(f"/v1/cases/{case}")
    assert (seen["state"], seen["lead"], seen["kind"], seen["source"]) == (
        "IN_PROGRESS", "water-supply", "import", "old-system:a-1",
    )  # fmt: skip
    assert datetime.fromisoformat(seen["registered_at"]) > datetime.now(UTC) - timedelta(minutes=10)
    assert [step["act"] for step in centre.get(f"/v1/cases/{case}/history")["items"]] == ["import"]
