"""docs/new-city.md: its file and its walk, as they are written, open a city elsewhere and solve a case there."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from chassis.security.principal import path_of
from launcher.api import Api
from launcher.servers.processes import ROOT
from launcher.tenant_file.opening import first_password
from tests.e2e.conftest import Command
from tests.servers.site import Site

FILE = "examples/rivermouth.yaml"
BLOCKS = re.findall(r"^```\n(.*?)^```$", (ROOT / "docs" / "new-city.md").read_text(encoding="utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def opened(elsewhere: Command) -> str:
    """The output of the documented command."""
    added = elsewhere("tenant", "add", FILE)
    assert added.returncode == 0, added.stdout + added.stderr
    return added.stdout


@pytest.fixture
def operator_key(running_site: Site) -> bytes:
    """The operator's key, from which first passwords derive."""
    return running_site.keys.operator.read_bytes().strip()


def test_the_page_documents_this_command() -> None:
    assert BLOCKS[0] == f"./linli tenant add {FILE} | tee .linli/sign-ins.txt\n"


def test_the_documented_walk_takes_a_case_to_its_solution(opened: str, running_site: Site, tmp_path: Path) -> None:
    (tmp_path / ".linli").mkdir()
    (tmp_path / ".linli" / "sign-ins.txt").write_text(opened, encoding="utf-8")
    walked = subprocess.run(
        ["bash", "-c", BLOCKS[1]],
        env={**os.environ, "U": running_site.url},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert walked.stdout.splitlines()[-1:] == ["CLOSED"], walked.stdout + walked.stderr


def test_without_an_address_the_walk_says_what_is_not_set(tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "U"}
    walked = subprocess.run(
        ["bash", "-c", BLOCKS[1]], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "U: is not set: it is the address that ./linli up printed last" in walked.stderr.splitlines()[0]


def test_adding_it_again_changes_nothing(opened: str, elsewhere: Command, running_site: Site) -> None:
    before = len(running_site.log("rivermouth"))
    again = elsewhere("tenant", "add", FILE)
    unchanged = "rivermouth: all of it was there already, nothing changed\n"
    assert unchanged not in opened
    assert (again.returncode, again.stdout.replace(unchanged, "")) == (0, opened), again.stderr
    assert unchanged in again.stdout
    assert len(running_site.log("rivermouth")) == before


def test_an_interrupted_opening_goes_on(elsewhere: Command, running_site: Site, tmp_path: Path) -> None:
    """Stopped by a refusal in the middle: what was done stays, and the corrected file does the rest."""
    file = tmp_path / "half.yaml"
    whole = (ROOT / FILE).read_text(encoding="utf-8").replace("tenant: rivermouth", "tenant: halfway")
    file.write_text(whole.replace("post: inspector, area: hb,", "post: inspector, area: hb-docks-e, unit: up,"))
    stopped = elsewhere("tenant", "add", str(file))
    assert stopped.returncode == 1
    line = next(n for n, text in enumerate(whole.splitlines(), start=1) if "login: inspector" in text)
    words = f"{file}:{line}: staff.1: unit must be the code of a division that contains the area"
    assert stopped.stderr.startswith(words), stopped.stderr
    file.write_text(whole)
    resumed = elsewhere("tenant", "add", str(file))
    assert resumed.returncode == 0, resumed.stderr
    assert "nothing changed" not in resumed.stdout
    posts = running_site.collections("org")["posts"]
    assert posts.count_documents({"tenant": "halfway"}) == 5


def test_settings_are_shown_and_changed(opened: str, elsewhere: Command) -> None:
    assert elsewhere("settings", "get", "rivermouth", "limits.case.P3").stdout == '"5d"\n'
    spill = "categories.event.harbour.oil-spill.priority"
    changed = elsewhere("settings", "set", "rivermouth", spill, "P1")
    assert changed.stdout == f"{spill}: P2 → P1\n", changed.stderr
    assert elsewhere("settings", "set", "rivermouth", spill, "P2").returncode == 0
    refused = elsewhere("settings", "set", "rivermouth", "limits.case.P3", "soon")
    assert refused.returncode == 1
    assert "limits.case.P3: it must be a span: 30min" in refused.stderr


LEVELS = ("city", "county", "street", "community", "grid", "micro_grid")
#: Trees by their tiers, with the post of whoever registers and dispatches, and on which level.
TREES = {
    "one-level": (("city",), "centre_officer", 0),
    "no-streets": (("city", "county", "community"), "centre_officer", 1),
    "rooted-in-a-county": (("county", "street"), "street_officer", 1),
    "six-levels": (LEVELS, "street_officer", 2),
}


@pytest.mark.parametrize("tenant", TREES)
def test_a_case_is_solved_in_a_tree_of_any_depth_with_codes_of_any_kind(
    tenant: str, elsewhere: Command, running_site: Site, operator_key: bytes, tmp_path: Path
) -> None:
    tiers, post, level = TREES[tenant]
    codes = ["36x", "12", "061", "b-7", "7", "010"][: len(tiers)]
    tree: Any = {}
    for code in reversed(codes):
        tree = {"code": code, "name": f"Place {code}", "divisions": [tree] if tree else []}
    staff = {"title": "Officer", "duty": "All of it"}
    city = {
        "tenant": tenant,
        "levels": {f"level-{n}": tier for n, tier in enumerate(tiers)},
        "root": tree,
        "administrator": {"login": "admin", "name": "Alex"},
        "units": [{"id": "works", "name": "Works", "area": codes[0], "leads": ["component.road"], "basis": "Charter"}],
        "staff": [
            {"login": "desk", "name": "Dana", "post": post, "area": codes[level], **staff},
            {"login": "unit", "name": "Will", "post": "department_officer", "unit": "works", "area": codes[0], **staff},
            {"login": "check", "name": "Ines", "post": "inspector", "area": codes[0], **staff},
        ],
    }
    (tmp_path / "city.yaml").write_text(json.dumps(city))  # JSON is YAML, too: all places stand on one line
    added = elsewhere("tenant", "add", str(tmp_path / "city.yaml"))
    assert added.returncode == 0, added.stderr
    desk, unit, check = (
        Api(running_site.url).signed_in(tenant, login, first_password(operator_key, tenant, login))
        for login in ("desk", "unit", "check")
    )
    place = {"path": path_of(*codes), "address": "12 Quay Street"}
    report = {"category": "component.road.pavement", "text": "A hole", "place": place}
    case = f"/v1/cases/{desk.post('/v1/cases', **report)['id']}"
    desk.post(f"{case}/register", nobody=True)
    desk.post(f"{case}/dispatch", lead="works")
    unit.post(f"{case}/accept", handler=unit.get("/v1/me")["id"])
    unit.post(f"{case}/start")
    unit.post(f"{case}/resolve", outcome="solved", note="Filled")
    desk.post(f"{case}/inspector", inspector=check.get("/v1/me")["id"])
    check.post(f"{case}/inspect", passed=True, how="visit", note="Flat")
    assert desk.get(case)["state"] == "CLOSED"
