"""A tenant with three residents of one grid, and the people who keep their categories."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import Any

import msgspec

from chassis.errors import RemoteProblem
from chassis.security.principal import Principal
from launcher.servers.broker_topology import GATEWAY
from tests.servers.caller import Caller
from tests.servers.site import Site
from tests.servers.waiting import wait_for
from vocabulary.roles import purposes_of

COUNTY = "/1503/150302/"
STREET = COUNTY + "150302003/"
COMMUNITY = STREET + "150302003014/"
GRID, NEXT_GRID = COMMUNITY + "150302003014001/", COMMUNITY + "150302003014002/"
DIVISIONS = [
    ("1503", "15", "city", "乌海市"), ("150302", "1503", "county", "海勃湾区"),
    ("150302003", "150302", "street", "新华街道"), ("150302003014", "150302003", "community", "新海社区居委会"),
]  # fmt: skip
AREAS = {
    "grid_worker": GRID, "grid_leader": GRID, "community": COMMUNITY, "street": STREET, "tenant_admin": "/1503/",
    "operator": "", "resident": "", "courier": "",
}  # fmt: skip
STATUTE = "《中华人民共和国社区矫正法》"
_keys = itertools.count(1)
FOR_IT = {"purpose": "managed", "reason": "按月核对"}


class CategoriesTown:
    """`ask("street", method, …)` asks residents as that role; another person of it: `who("street", "street-2")`."""

    def __init__(self, site: Site, tenant: str) -> None:
        self.site, self.tenant = site, tenant
        self.org, self.residents = (Caller(site.amqp(GATEWAY), site.keys, each) for each in ("org", "residents"))

    def who(self, role: str, subject: str = "") -> Principal:
        return Principal(
            tenant=self.tenant, subject=subject or f"{role}-1", roles=frozenset({role}),
            area=AREAS.get(role, COUNTY), purposes=purposes_of({role} - {"operator"}),
        )  # fmt: skip

    def ask(self, by: str | Principal, method: str, **args: Any) -> Any:
        """The answer; raises `RemoteProblem`."""
        return self._asked(self.residents, by, method, None, args)

    def refused(self, by: str | Principal, method: str, **args: Any) -> str:
        """The code of the problem that it answers."""
        try:
            answer = self.ask(by, method, **args)
        except RemoteProblem as problem:
            return str(problem.to_wire()["code"])
        raise AssertionError(f"{method} was not refused but answered {answer}")

    def ask_org(self, by: str, method: str, **args: Any) -> Any:
        return self._asked(self.org, by, method, None, args)

    def set(self, **patch: Any) -> None:
        """Changes settings, and waits until residents knows."""
        version = self.ask_org("tenant_admin", "get_tenant")["version"]
        self._asked(self.org, "tenant_admin", "change_settings", version, {"patch": patch})

        def known() -> bool:
            row = self.site.collections("residents").tenant_settings.find_one({"tenant": self.tenant}) or {}
            return all(value.items() <= row.get(name, {}).items() for name, value in patch.items())

        wait_for(known)

    def switch_on(self) -> None:
        self.set(features={"managed_residents": True, "managed_residents_statute": STATUTE})

    def rows(self, collection: str) -> list[dict[str, Any]]:
        return list(self.site.collections("residents")[collection].find({"tenant": self.tenant}).sort("_id"))

    def events(self, kind: str) -> list[dict[str, Any]]:
        events = [msgspec.json.decode(body) for body in self.site.log(self.tenant)]
        return [event for event in events if event["type"] == f"linli.{kind}"]

    def audited(self, what: str) -> list[tuple[str, list[str], str]]:
        """Action, subjects and purpose of each entry of the audit log about this, oldest first."""
        rows = self.site.collections("residents").audit.find({"tenant": self.tenant}).sort([("at", 1), ("number", 1)])
        return [(row["action"], row["subjects"], row["purpose"]) for row in rows if row["action"].startswith(what)]

    def open(self) -> CategoriesTown:
        self.ask_org("operator", "open_tenant", root="1503", tier="city", settings={"name": "乌海市"})
        rows = [
            {"line": line, "code": code, "parent": parent, "tier": tier, "name": name}
            for line, (code, parent, tier, name) in enumerate(DIVISIONS, start=2)
        ]
        wait_for(lambda: not self.ask_org("tenant_admin", "import_divisions", rows=rows)["rejected"])
        for grid in ("150302003014001", "150302003014002"):
            self.ask_org(
                "tenant_admin", "open_grid", code=grid, name=f"网格{grid[-1]}", level="base", above="150302003014"
            )
        wait_for(lambda: len(self.rows("places")) >= 6 and self.rows("tenant_settings"))
        self.household = self.household_at("1单元101", GRID)
        self.people = [self.resident(name) for name in ("王小明", "李芳", "张伟")]
        return self

    def household_at(self, door: str, area: str) -> str:
        dwelling = self.ask("street", "record_dwelling", area=area, door=door)["id"]
        return str(self.ask("street", "open_household", dwelling=dwelling)["id"])

    def resident(self, name: str) -> str:
        profile = {"name": name, "birthday": "1950-05-01"}
        return str(self.ask("grid_worker", "record_resident", household=self.household, **profile)["id"])

    def recorded(self, resident: str, **changes: Any) -> str:
        entry = {
            "kind": "service", "name": "独居老人", "aim": "安排走访", "legal_basis": "本人同意", "source": "入户登记",
            "note": "子女在外地", **changes,
        }  # fmt: skip
        return str(self.ask("grid_worker", "record_category", resident=resident, **entry)["id"])

    def proposal(self, **changes: Any) -> dict[str, Any]:
        until = (self.site.now + timedelta(days=100)).isoformat()
        return {
            **FOR_IT, "name": "社区矫正对象", "aim": "依法管理", "legal_basis": "第二条", "source": "司法所通知",
            "valid_until": until, "note": "不公开", **changes,
        }  # fmt: skip

    def proposed(self, resident: str) -> str:
        return str(self.ask("community", "propose_managed", resident=resident, **self.proposal())["id"])

    def approved(self, resident: str) -> str:
        entry = self.proposed(resident)
        for subject in ("street-1", "street-2"):
            self.ask(self.who("street", subject), "approve_managed", entry=entry, **FOR_IT)
        return entry

    def close(self) -> None:
        self.org.close()
        self.residents.close()

    def _asked(self, caller: Caller, by: str | Principal, method: str, if_match: int | None, args: Any) -> Any:
        caller.principal = self.who(by) if isinstance(by, str) else by
        reply = caller(method, f"k{next(_keys)}", if_match, **msgspec.to_builtins(args))
        assert reply is not None, f"no answer to {method}"
        if "problem" in reply:
            raise RemoteProblem(reply["problem"])
        return reply["ok"]
