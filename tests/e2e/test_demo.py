"""`./linli demo` against a running installation."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from launcher.api import Api
from launcher.demo import sign_ins, walk
from launcher.demo.walk import NotAsTheDomainSays, Walk
from tests.e2e.conftest import Command
from tests.servers.site import Site
from vocabulary.roles import DUTIES

LOOP = ["REPORTED", "VERIFYING", "REGISTERED", "WHISTLED", "IN_PROGRESS", "INSPECTING", "REWORK", "AWAITING_RATING"]


@pytest.mark.domain("网格员采集→平台流转→部门承办→纪委监督")
def test_the_demo_walks_the_whole_loop_and_shows_each_steps_events(wuhai: str) -> None:
    places = [wuhai.index(f"→ {state}") for state in [*LOOP, "CLOSED"]]
    assert places == sorted(places)
    for event in ("case.reported", "case.whistled", "case.accepted", "case.sub_task_done", "case.closed"):
        assert f"cases.{event}.v1 #" in wuhai
    assert "cases.review.opened.v1 #1" in wuhai
    assert wuhai.count("⊘") == 6


def test_the_demo_can_be_walked_again(wuhai: str, elsewhere: Command) -> None:
    again = elsewhere("demo")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "prepare" not in again.stdout


def test_the_demo_stops_at_the_first_step_that_differs_from_the_domain(
    wuhai: str, running_site: Site, demo_password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(walk._HOURS, "case", 2.0)
    with pytest.raises(NotAsTheDomainSays, match="limit of case in hours"):
        Walk(running_site.url, demo_password).run()


def test_the_demo_fails_with_a_wrong_password(wuhai: str, elsewhere: Command, tmp_path: Path) -> None:
    other = tmp_path / "password"
    other.write_text("not the one of this installation")
    failed = elsewhere("demo", "--password-file", str(other))
    assert failed.returncode == 1
    assert "load-demo" in failed.stderr


def test_every_role_has_a_sign_in(wuhai: str, running_site: Site, demo_password: str) -> None:
    held = {"tenant_admin": "admin"} | {role: login for login, (role, _) in sign_ins.people().items()}
    assert held.keys() == DUTIES.keys()
    for role, login in held.items():
        assert role in Api(running_site.url).signed_in("wuhai", login, demo_password).get("/v1/me")["roles"]


@pytest.mark.domain("The case: Reporters")
def test_an_anonymous_reporter_follows_and_withdraws_the_case_by_number_and_code(
    wuhai: str, running_site: Site
) -> None:
    headers = {"Linli-Tenant": "wuhai", "Linli-Visit": "a secret of this visitor", "Idempotency-Key": "anonymous-1"}
    place = {"path": sign_ins.COMMUNITY, "address": "新海1号小区南门"}
    with httpx.Client(base_url=running_site.url, headers=headers) as visitor:
        report = {"category": "component.utility.street-lamp", "place": place, "text": "路灯不亮"}
        made = visitor.post("/v1/cases", json=report).json()
        case, code = made["id"], made["code"]
        followed = visitor.post("/v1/follow", json={"case": case, "code": code})
        assert (followed.status_code, followed.json()["state"]) == (200, "REPORTED")
        assert "路灯不亮" not in followed.text
        assert visitor.post("/v1/follow", json={"case": case, "code": "WRONGCODE0"}).status_code == 404
        assert visitor.get(f"/v1/cases/{case}").status_code == 401
        withdrawn = visitor.post(f"/v1/cases/{case}/withdraw", json={"reason": "gone", "code": code})
        assert withdrawn.json()["state"] == "WITHDRAWN"
