"""Test city: opened by the operator and used over HTTP by signed-in people."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any, TypeVar

import httpx

from chassis.envelope import Envelope, decode
from chassis.security import operator_token
from launcher.api import Api
from launcher.demo.loading import Loader, open_city
from launcher.demo.sign_ins import Staff, add_staff
from launcher.servers.process import wait_until
from launcher.servers.processes import PARTS
from tests.servers.declared_http import require_declared
from tests.servers.site import Running, Site

T = TypeVar("T")
PASSWORD = "twelve invented words 十二"
COUNTY, STREET = "/1503/150302/", "/1503/150302/150302003/"
COMMUNITY, NEXT_COMMUNITY = f"{STREET}150302003014/", f"{STREET}150302003015/"
LAMP = "component.utility.street-lamp"
DRAIN = "component.utility.storm-drain"
WATER = "water-supply"
_DIVISIONS = [
    ("150302", "1503", "county", "海勃湾区"),
    ("150302003", "150302", "street", "新华街道"),
    ("150302003014", "150302003", "community", "新海社区"),
    ("150302003015", "150302003", "community", "和谐社区"),
]
_STAFF = (
    Staff("community", "community", "赵新梅", "community_worker", "社区干部", "150302003014", COMMUNITY, "受理、立案"),
    Staff("next", "community", "钱如意", "community_worker", "社区干部", "150302003015", NEXT_COMMUNITY, "受理、立案"),
    Staff("street", "street", "周海龙", "street_officer", "街道干部", "150302003", STREET, "派单、核查"),
    Staff("centre", "centre", "白晓东", "centre_officer", "网格中心值班长", "150302", COUNTY, "督办、裁定"),
    Staff("counter", "counter", "李素琴", "counter_clerk", "窗口人员", "150302003014", COMMUNITY, "首问、登记"),
    Staff("hotline", "hotline", "孙晓燕", "hotline_agent", "热线话务员", "150302", COUNTY, "接听、登记"),
    Staff("water", "department", "任秀英", "department_officer", "抢修班长", WATER, COUNTY, "承办案件"),
)
_RESIDENTS = {"resident": "何春生", "neighbour": "田小军"}


def start(site: Site) -> list[Running]:
    """Starts all parts, with a gateway that lets many people sign in from one address."""
    running = [site.launch(name, LINLI_SIGN_IN_LIMIT="1000/minute") for name in PARTS]
    for each in running:
        each.wait_until_ready()
    return running


class City:
    """The city. `http("street")`: client of a signed-in person; `site`: runs all parts."""

    def __init__(self, site: Site, tenant: str) -> None:
        self.site = site
        self.tenant = tenant
        self._clients: dict[str, httpx.Client] = {}

    @property
    def operator(self) -> Api:
        return Api(self.site.url, operator_token.issue(self.tenant, self.site.keys.operator.read_bytes().strip()))

    def opened(self) -> City:
        settings = {"name": "乌海市"}
        city = open_city(self.operator, self.tenant, PASSWORD, lambda *_: None, root="1503", settings=settings)
        rows = [
            {"line": line, "code": code, "parent": parent, "tier": tier, "name": name}
            for line, (code, parent, tier, name) in enumerate(_DIVISIONS, start=2)
        ]
        city.post("/v1/divisions/import", rows=rows)
        self._open_departments(city)
        add_staff(city, _STAFF, PASSWORD)
        for login, name in _RESIDENTS.items():
            person = {"login": login, "password": PASSWORD, "name": name, "kind": "resident"}
            city.post("/v1/users/register", tenant=self.tenant, **person)
        expected = {"places": 5, "units": 2, "list_entries": 2, "kept_limits": 1, "assignments": len(_STAFF)}
        self._wait_for("cases", expected)
        self._wait_for("residents", {"places": 5})
        return self

    def _wait_for(self, service: str, expected: dict[str, int]) -> None:
        replicas, of_city = self.site.collections(service), {"tenant": self.tenant}
        self.wait(lambda: all(replicas[name].count_documents(of_city) >= n for name, n in expected.items()))

    @staticmethod
    def _open_departments(city: Loader) -> None:
        for unit, category in ((WATER, DRAIN), ("housing", LAMP)):
            city.post("/v1/units", unit=unit, name=unit, kind="department", path=COUNTY)
            duty = {"kind": "duties", "category": category, "tier": "county", "lead": unit, "supporting": []}
            city.post("/v1/list-entries", **duty, legal_basis="条例")

    def http(self, login: str) -> httpx.Client:
        if login not in self._clients:
            signed_in = Api(self.site.url).post("/v1/sessions", tenant=self.tenant, login=login, password=PASSWORD)
            self._clients[login] = self.client(signed_in["token"])
        return self._clients[login]

    def client(self, token: str = "") -> httpx.Client:
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {})
        return httpx.Client(
            base_url=self.site.url, headers=headers, timeout=30, event_hooks={"response": [require_declared]}
        )

    def post(self, login: str, path: str, body: Any = None, key: str = "") -> httpx.Response:
        headers = {"Idempotency-Key": key or uuid.uuid4().hex}
        return self.http(login).post(path, json={} if body is None else body, headers=headers)

    def said(self, login: str, path: str, body: Any = None, key: str = "") -> Any:
        """Posts and returns the answer, which must be a success."""
        answer = self.post(login, path, body, key)
        assert answer.is_success, (path, answer.status_code, answer.text)
        return answer.json()

    def report(self, *, login: str = "resident", key: str = "", **changes: Any) -> httpx.Response:
        # Each at a different point: the same matter again would be an urge.
        lon, lat = 106 + random.random(), 39 + random.random()
        where = {"path": COMMUNITY, "lon": lon, "lat": lat, "address": "新华大街 1 号"}
        body = {"category": DRAIN, "place": where, "text": "雨水箅子破损", "confidentiality": "named", **changes}
        return self.post(login, "/v1/cases", body, key)

    def events(self) -> list[Envelope]:
        """Returns all events of the city's log, in order, including duplicates."""
        return [decode(body) for body in self.site.log(self.tenant)]

    def wait(self, condition: Callable[[], Any], seconds: float = 60) -> None:
        assert wait_until(lambda: bool(condition()), seconds)

    def sign_out(self) -> None:
        """Closes all clients; each person signs in again on next use."""
        while self._clients:
            self._clients.popitem()[1].close()
