"""A tenant with places, units and lists in org, and people who ask cases."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from chassis.access import Principal
from chassis.errors import RemoteProblem
from launcher.definitions import GATEWAY
from tests.servers.caller import Caller
from tests.servers.site import Site

T = TypeVar("T")
CITY, COUNTY = "/1503/", "/1503/150302/"
STREET = COUNTY + "150302003/"
COMMUNITY = STREET + "150302003014/"
NEXT_COMMUNITY = STREET + "150302003015/"
LAMP = "component.utility.street-lamp"
NOISE = "event.appearance.noise"
URBAN, WATER = "urban-management", "water"
HOME = {"lon": 106.8123, "lat": 39.6712}
_DIVISIONS = [
    ("1503", "15", "city", "乌海市"),
    ("150302", "1503", "county", "海勃湾区"),
    ("150302003", "150302", "street", "新华街道"),
    ("150302003014", "150302003", "community", "新海社区"),
    ("150302003015", "150302003", "community", "和谐社区"),
]


class Town:
    """Refusals come as `RemoteProblem`; `code_of` names them."""

    def __init__(self, site: Site, tenant: str) -> None:
        self.site = site
        self.tenant = tenant
        self._org = Caller(site.amqp(GATEWAY), site.keys, "org", tenant)
        self._cases = Caller(site.amqp(GATEWAY), site.keys, "cases", tenant)
        self.resident = self.someone("wang", "resident")
        self.neighbour = self.someone("li", "resident")
        self.community = self.someone("community-1", "community", COMMUNITY, "150302003014")
        self.street = self.someone("street-1", "street", STREET, "150302003")
        self.inspector = self.someone("street-2", "street", STREET, "150302003")
        self.centre = self.someone("centre-1", "centre", COUNTY, "150302")
        self.urban = self.someone("urban-1", "department", COUNTY, URBAN)
        self.water = self.someone("water-1", "department", COUNTY, WATER)
        self.hotline = self.someone("agent-1", "hotline", CITY, purposes=frozenset({"intake", "callback"}))
        self.counter = self.someone("counter-1", "counter", STREET, "150302003")
        self.supervisor = self.someone("supervisor-1", "supervisor", COUNTY)

    def someone(self, subject: str, role: str, area: str = "", unit: str = "", **facts: Any) -> Principal:
        return Principal(
            tenant=self.tenant, subject=subject, roles=frozenset({role}), area=area, unit=unit, post=subject, **facts
        )

    def build(self) -> Town:
        self.org("open_tenant", role="operator", root="1503", settings={"name": "乌海市"})
        rows = [
            {"line": line, "code": code, "parent": parent, "tier": tier, "name": name}
            for line, (code, parent, tier, name) in enumerate(_DIVISIONS, 2)
        ]
        imported = self.org("import_divisions", rows=rows)
        assert not imported["rejected"], imported
        for unit in (URBAN, WATER):
            self.org("open_unit", unit=unit, name=unit, kind="department", path=COUNTY)
        for lead, category in ((URBAN, LAMP), (WATER, NOISE)):
            entry = {"kind": "duties", "category": category, "tier": "street", "lead": lead, "legal_basis": "条例"}
            self.org("make_list_entry", entry=entry)
        self.wait(lambda: self.stored("list_entries") == 2 and self.stored("places") == 5 and self.stored("units") == 2)
        self.wait(lambda: self.stored("tenant_settings"))
        return self

    def org(self, method: str, role: str = "tenant_admin", **args: Any) -> Any:
        self._org.principal = self.someone("admin", role, "" if role == "operator" else CITY)
        return _answer(self._org(method, **args))

    def ask(self, by: Principal, method: str, *, key: str = "", **args: Any) -> Any:
        self._cases.principal = by
        return _answer(self._cases(method, key, **msgspec.to_builtins(args)))

    def refused(self, by: Principal, method: str, **args: Any) -> str:
        """The code of the problem that it answers."""
        try:
            answer = self.ask(by, method, **args)
        except RemoteProblem as problem:
            return str(problem.to_wire()["code"])
        raise AssertionError(f"{method} was not refused but answered {answer}")

    def stored(self, collection: str, **where: Any) -> int:
        return self.site.collections("cases")[collection].count_documents({"tenant": self.tenant, **where})

    def wait(self, condition: Callable[[], T], seconds: float = 30) -> T:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := condition():
                return found
            time.sleep(0.02)
        raise AssertionError("it did not come about")

    def report(self, text: str = "路灯坏了", category: str = LAMP, by: Principal | None = None, **more: Any) -> str:
        form = {"category": category, "place": {"path": COMMUNITY, **HOME}, "text": text, **more}
        return str(self.ask(by or self.resident, "report", report=form)["id"])

    def registered(self, text: str = "路灯坏了", category: str = LAMP, by: Principal | None = None, **more: Any) -> str:
        case = self.report(text, category, by, **more)
        self.ask(self.street, "verify", case=case, found=True, note="现场核实")
        self.ask(self.street, "register", case=case, form={"priority": "P3"})
        return case

    def awaiting_rating(self, by: Principal | None = None) -> str:
        return self.handled(self.registered(by=by))

    def handled(self, case: str) -> str:
        """From registration to the question of how well it was done."""
        self.ask(self.street, "dispatch", case=case, order={"lead": URBAN})
        self.ask(self.urban, "accept", case=case, handler="urban-1")
        self.ask(self.urban, "start", case=case)
        self.ask(self.urban, "contact", case=case, note="已联系")
        self.ask(self.urban, "resolve", case=case, result={"outcome": "solved", "note": "已修复"})
        self.ask(self.inspector, "inspect", case=case, passed=True, how="visit", note="已查看")
        return case

    def now(self) -> datetime:
        return self.site.service_settings("cases").clock().now()

    def close(self) -> None:
        self._org.close()
        self._cases.close()


def _answer(reply: Any) -> Any:
    if reply is None:
        raise AssertionError("no answer came")
    if "problem" in reply:
        raise RemoteProblem(reply["problem"])
    return reply["ok"]
