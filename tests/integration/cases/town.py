"""A tenant with places, units and lists, made through org and known to cases, and the people who act in it."""

from __future__ import annotations

from typing import Any

from chassis.security.principal import Principal
from tests.integration.tenant_of import TenantOf, next_key
from tests.servers.waiting import wait_for

CITY, COUNTY = "/1503/", "/1503/150302/"
STREET_CODE, COMMUNITY_CODE, NEXT_CODE = "150302003", "150302003014", "150302003015"
STREET = f"{COUNTY}{STREET_CODE}/"
COMMUNITY, NEXT_COMMUNITY = f"{STREET}{COMMUNITY_CODE}/", f"{STREET}{NEXT_CODE}/"
GRID_CODE = f"{COMMUNITY_CODE}001"
GRID = f"{COMMUNITY}{GRID_CODE}/"
LAMP, COVER = "component.utility.street-lamp", "component.utility.manhole-cover"
HOME = {"lon": 106.79, "lat": 39.65}
DIVISIONS = [
    ("1503", "15", "city", "乌海市"),
    ("150302", "1503", "county", "海勃湾区"),
    (STREET_CODE, "150302", "street", "新华街道"),
    (COMMUNITY_CODE, STREET_CODE, "community", "新海社区居委会"),
    (NEXT_CODE, STREET_CODE, "community", "和谐社区居委会"),
]
UNITS = {"urban": "区城市管理局", "water": "区水务局", "housing": "区住房城乡建设局"}
PEOPLE: dict[str, tuple[str, str, str]] = {
    "resident": ("", "", ""),
    "neighbour": ("", "", ""),
    "courier": ("", "", ""),
    "grid_worker": (GRID, COMMUNITY_CODE, "post-grid"),
    "community": (COMMUNITY, COMMUNITY_CODE, ""),
    "street": (STREET, STREET_CODE, "post-street"),
    "centre": (COUNTY, "150302", ""),
    "hotline": (CITY, "", "post-hotline"),
    "counter": (STREET, STREET_CODE, "post-counter"),
    "inspector": (COUNTY, "", ""),
    "supervisor": (COUNTY, "", ""),
    "tenant_admin": (CITY, "", ""),
    "operator": ("", "", ""),
}
_ROLES = {"neighbour": "resident"}
_PURPOSES = {"hotline": frozenset({"intake", "callback"})}


class Town(TenantOf):
    """`ask(who, method, …)` asks cases as that role, or as a department by its unit's id."""

    service = "cases"
    known = {"places": 6, "units": 3, "list_entries": 2, "whistle_rules": 1, "kept_limits": 1}

    def who(self, name: str, **facts: Any) -> Principal:
        area, unit, post = PEOPLE.get(name, (COUNTY, name, ""))
        role = _ROLES.get(name, name) if name in PEOPLE else "department"
        known = {"subject": f"{name}-1", "roles": frozenset({role}), "area": area, "unit": unit, "post": post}
        known["purposes"] = _PURPOSES.get(name, frozenset())
        return Principal(tenant=self.tenant, **{**known, **facts})

    def change_settings(self, **patch: Any) -> Any:
        version = self.ask_org("tenant_admin", "get_tenant")["version"]
        return self._asked(self.org, "tenant_admin", "change_settings", f"k{next(next_key)}", version, {"patch": patch})

    def open(self) -> Town:
        self.open_with(DIVISIONS)
        grid = {"code": GRID_CODE, "name": "第一网格", "level": "base", "above": COMMUNITY_CODE}
        self.ask_org("tenant_admin", "open_grid", **grid)
        for unit, name in UNITS.items():
            self.ask_org("tenant_admin", "open_unit", unit=unit, name=name, kind="department", path=COUNTY)
        for lead, tier in (("urban", "street"), ("water", "county")):
            entry = {
                "kind": "duties", "category": LAMP, "tier": tier, "lead": lead,
                "supporting": ["water"] if lead == "urban" else [], "legal_basis": "《城市照明管理规定》",
            }  # fmt: skip
            self.ask_org("tenant_admin", "make_list_entry", **entry)
        rule = {"caller": "community", "units": ["urban", "water"], "area": COUNTY}
        self.ask_org("tenant_admin", "make_whistle_rule", **rule)
        return self.known_here()

    def hire(self, unit: str, kind: str = "department_officer") -> str:
        """Gives somebody new a post of the unit over the county; their subject, once cases knows of it."""
        login = f"{unit}-{next(next_key)}"
        user = {"login": login, "password": "plenty of apricots", "name": "王小明"}
        subject = str(self.ask_org("tenant_admin", "add_user", **user)["id"])
        plan = {"kind": kind, "title": "岗位", "unit": unit, "area": COUNTY, "duties": ["办理"]}
        post = self.ask_org("tenant_admin", "open_post", **plan)["id"]
        terms = {"subject": subject, "post": post, "duty": "办理", "area": COUNTY}
        self.ask_org("tenant_admin", "assign", **terms)
        wait_for(lambda: self._assignment(subject))
        return subject

    def dismiss(self, subject: str) -> None:
        self.ask_org("tenant_admin", "end_assignment", assignment=self._assignment(subject)["_id"].partition(":")[2])
        wait_for(lambda: self._assignment(subject)["ended"])

    def _assignment(self, subject: str) -> Any:
        return self.site.collections("cases")["assignments"].find_one({"tenant": self.tenant, "subject": subject})

    def report(self, by: str | Principal = "resident", **changes: Any) -> Any:
        place = {"path": GRID, "address": "新华大街 1 号", **HOME}
        report = {"category": LAMP, "place": place, "text": "路灯不亮", **changes}
        key = changes.pop("key", None)
        report.pop("key", None)
        return self.ask(by, "report", key=key, **report)

    def registered(self, by: str | Principal = "resident", **changes: Any) -> str:
        case = str(self.report(by, **changes)["id"])
        self.ask("street", "verify", case=case, found=True, note="见到了")
        self.ask("street", "register", case=case)
        return case

    def awaiting_rating(self, case: str = "") -> str:
        """A registered case, or a new one, led by a department and inspected."""
        case = case or self.registered()
        self.ask("street", "dispatch", case=case, lead="urban")
        self.ask("urban", "accept", case=case, handler="urban-1")
        self.ask("urban", "start", case=case)
        self.ask("urban", "contact", case=case, note="已联系")
        self.ask("urban", "resolve", case=case, outcome="solved", note="已修好")
        self.ask("street", "inspect", case=case, passed=True, how="visit", note="看过了")
        return case
