"""The closed loop, walked by a client that openapi-python-client generates from the API's own description."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chassis.security.principal import codes_of
from tests.servers.city import COMMUNITY, COUNTY, DRAIN, PASSWORD, WATER, City, start
from tests.servers.site import Site

PACKAGE = "generated_linli"
GRID = f"{COMMUNITY}150302003014001/"
#: An image is a file to this generator only if it is told so; what it writes needs no formatting.
CONFIGURATION = {"content_type_overrides": {"image/jpeg": "application/octet-stream"}, "post_hooks": []}


@pytest.fixture
def city(site: Site) -> Iterator[City]:
    start(site)
    opened = City(site, "generated").opened()
    community, grid = codes_of(GRID)[-2:]
    opened.said("admin", "/v1/grids", {"code": grid, "name": "第一网格", "level": "base", "above": community})
    worker = employ(opened, "worker", "grid_worker", community, GRID)
    inspector = employ(opened, "inspector", "inspector", "150302", COUNTY)
    wait_for_replica(opened, "places", path=GRID)
    wait_for_replica(opened, "assignments", subject=worker)
    wait_for_replica(opened, "assignments", subject=inspector)
    yield opened
    opened.sign_out()


def wait_for_replica(city: City, collection: str, **known: str) -> None:
    replicas = city.site.collections("cases")[collection]
    city.wait(lambda: replicas.find_one({"tenant": city.tenant, **known}))


def employ(city: City, login: str, kind: str, unit: str, area: str) -> str:
    """Returns the id of the new member of staff."""
    user = city.said("admin", "/v1/users", {"login": login, "password": PASSWORD, "name": login})["id"]
    plan = {"kind": kind, "title": kind, "unit": unit, "area": area}
    post = city.said("admin", "/v1/posts", plan)["id"]
    city.said("admin", "/v1/assignments", {"subject": user, "post": post, "duty": "核实、核查", "area": area})
    return str(user)


@pytest.fixture
def generated(city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], ModuleType]:
    """Generates the client, which must succeed without a warning; returns an importer of its modules."""
    (tmp_path / "openapi.json").write_text(city.client().get("/v1/openapi.json").text)
    (tmp_path / "client.json").write_text(json.dumps(CONFIGURATION))
    command = ["generate", "--path", "openapi.json", "--config", "client.json", "--meta", "none", "--fail-on-warning"]
    made = subprocess.run(
        [sys.executable, "-m", "openapi_python_client", *command, "--output-path", PACKAGE],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr
    monkeypatch.syspath_prepend(tmp_path)
    return lambda module: importlib.import_module(f"{PACKAGE}.{module}")


class Walker:
    """Signs people in and calls operations; every answer must be the one that is declared for success."""

    def __init__(self, city: City, generated: Callable[[str], ModuleType]) -> None:
        self._city = city
        self._import = generated
        self._tokens: dict[str, str] = {}
        self.models = generated("models")

    def sign_in(self, login: str) -> Any:
        body = self.models.SignIn(tenant=self._city.tenant, login=login, password=PASSWORD)
        client = self._import("client").Client(base_url=self._city.site.url)
        return self._import("api.sign_in.gateway_sign_in").sync(client=client, body=body)

    def call(self, login: str, operation: str, *path: str, **given: Any) -> Any:
        if login not in self._tokens:
            self._tokens[login] = self.sign_in(login).token
        client = self._import("client").AuthenticatedClient(
            base_url=self._city.site.url, token=self._tokens[login], timeout=30
        )
        answer = self._module_of(operation).sync(*path, client=client, **given)
        assert not isinstance(answer, self.models.Problem), (operation, answer)
        return answer

    def step(self, login: str, operation: str, case: str, body: Any = None) -> str:
        given = {} if body is None else {"body": body}
        return str(self.call(login, f"cases_{operation}", case, **given).state)

    def subject(self, login: str) -> str:
        return str(self.call(login, "gateway_me").id)

    def _module_of(self, operation: str) -> ModuleType:
        """The generator puts each operation into the package of its tag."""
        packages = pkgutil.iter_modules(self._import("api").__path__)
        [tag] = [each.name for each in packages if find_spec(f"{PACKAGE}.api.{each.name}.{operation}")]
        return self._import(f"api.{tag}.{operation}")


def test_a_generated_client_walks_the_closed_loop(city: City, generated: Callable[[str], ModuleType]) -> None:
    walk = Walker(city, generated)
    m = walk.models
    place = m.Place(path=GRID, lon=106.812, lat=39.657)
    report = m.Report(category=DRAIN, place=place, text="雨水箅子破损")
    case = walk.call("resident", "cases_report", body=report, idempotency_key=uuid.uuid4().hex).id
    unit_handler = walk.subject("water")

    assert walk.step("worker", "verify", case, m.Verification(found=True, note="属实")) == "VERIFYING"
    assert walk.step("street", "register", case, m.Registration()) == "REGISTERED"
    assert walk.step("street", "dispatch", case, m.Order(lead=WATER)) == "DISPATCHED"
    assert walk.step("water", "accept", case, m.Handler(handler=unit_handler)) == "ACCEPTED"
    assert walk.step("water", "start", case) == "IN_PROGRESS"
    assert walk.step("water", "contact", case, m.Remark(note="已电话联系")) == "IN_PROGRESS"
    assert walk.step("water", "resolve", case, m.Result(outcome=m.ResultOutcome.SOLVED, note="已更换")) == "INSPECTING"
    walk.step("street", "assign_inspector", case, m.Inspector(inspector=walk.subject("inspector")))
    inspection = m.Inspection(passed=True, how=m.InspectionHow.VISIT, note="已恢复")
    assert walk.step("inspector", "inspect", case, inspection) == "AWAITING_RATING"
    assert walk.step("resident", "rate", case, m.Rating(contacted=True, solved=True, satisfied=5)) == "CLOSED"

    detail = walk.call("street", "cases_get_case", case)
    assert (str(detail.state), detail.results[0].passed, detail.parties[0].satisfied) == ("CLOSED", True, 5)
    history = walk.call("street", "cases_case_history", case)
    taken = [step.act for step in history.items]
    assert {"report", "verify", "register", "dispatch", "accept", "start", "contact", "resolve", "rate"} <= set(taken)
    assert case in {row.id for row in walk.call("street", "cases_list_cases").items}
