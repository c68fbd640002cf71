"""A tenant with divisions, grids and an estate with buildings, known to residents, and those who keep its records.

All people are invented; their identity numbers are of a division that does not exist.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from chassis.security.principal import Principal
from tests.integration.cases.town import (
    CITY,
    COMMUNITY,
    COMMUNITY_CODE,
    COUNTY,
    DIVISIONS,
    GRID,
    GRID_CODE,
    NEXT_CODE,
    NEXT_COMMUNITY,
    STREET,
)
from tests.integration.tenant_of import TenantOf, next_key
from tests.servers.waiting import wait_for
from tests.unit.residents.samples import number_of
from vocabulary.roles import purposes_of

SECOND_CODE, NEW_CODE = f"{COMMUNITY_CODE}002", f"{COMMUNITY_CODE}900"
SECOND, NEW = f"{COMMUNITY}{SECOND_CODE}/", f"{COMMUNITY}{NEW_CODE}/"
FAR_COUNTY = "/1503/150303/"
BORN = date(1950, 5, 1)
PEOPLE: dict[str, tuple[str, str]] = {
    "worker": ("grid_worker", GRID),
    "second": ("grid_worker", SECOND),
    "new": ("grid_worker", NEW),
    "counter": ("counter", COMMUNITY),
    "community": ("community", COMMUNITY),
    "next": ("community", NEXT_COMMUNITY),
    "street": ("street", STREET),
    "centre": ("centre", COUNTY),
    "far": ("centre", FAR_COUNTY),
    "supervisor": ("supervisor", COUNTY),
    "resident": ("resident", ""),
    "tenant_admin": ("tenant_admin", CITY),
    "operator": ("operator", ""),
}
CARE = {"purpose": "care", "reason": "独居老人走访"}


class Town(TenantOf):
    """`building`: one of the first grid; `elsewhere`: one of the next community."""

    service = "residents"
    known = {"places": 8, "estates": 2, "buildings": 3}
    building: str
    in_second: str
    elsewhere: str

    def who(self, name: str, **facts: Any) -> Principal:
        role, area = PEOPLE[name]
        roles = frozenset({role})
        purposes = frozenset() if role == "operator" else purposes_of(roles)
        known = {"subject": f"{name}-1", "roles": roles, "area": area, "purposes": purposes}
        return Principal(tenant=self.tenant, **{**known, **facts})

    def open(self) -> Town:
        self.open_with([*DIVISIONS, ("150303", "1503", "county", "海南区")])
        for code in (GRID_CODE, SECOND_CODE):
            grid = {"code": code, "name": "网格", "level": "base", "above": COMMUNITY_CODE}
            self.ask_org("tenant_admin", "open_grid", **grid)
        estate, far = self._estate(COMMUNITY_CODE), self._estate(NEXT_CODE)
        self.building, self.in_second = self._building(estate, GRID_CODE), self._building(estate, SECOND_CODE)
        self.elsewhere = self._building(far)
        return self.known_here()

    def merge_grids(self, *old: str) -> None:
        """These grids become one, and residents knows of it."""
        target = {"code": NEW_CODE, "name": "一张网", "community": COMMUNITY_CODE, "grids": old}
        plan = {"name": "多网合一", "departments": ["zongzhi"], "targets": [target]}
        merge = self.ask_org("tenant_admin", "plan_grid_merge", area="150302", plan=plan)["id"]
        self.ask_org("tenant_admin", "start_grid_merge", merge=merge)
        wait_for(lambda: self.stored("places", merged_into=NEW_CODE) == len(old))

    def dwelling(self, by: str | Principal = "worker", *, door: str = "", **changes: Any) -> str:
        """Another one for each call, unless a door is given."""
        where = {"area": GRID, "building": self.building if changes.get("area", GRID) == GRID else ""}
        made = self.ask(by, "record_dwelling", **where | changes, door=door or f"{next(next_key)}单元101")
        return str(made["id"])

    def household(self, by: str | Principal = "worker", dwelling: str = "") -> str:
        return str(self.ask(by, "open_household", dwelling=dwelling or self.dwelling(by))["id"])

    def person(self, household: str, by: str | Principal = "worker", *, name: str = "王小明", **more: Any) -> str:
        return str(self.ask(by, "record_resident", household=household, name=name, **more)["id"])

    def listed(self, by: str | Principal, method: str, **form: Any) -> list[str]:
        """The ids of a list, page by page of two."""
        found: list[str] = []
        after: Any = ""
        while after is not None:
            page = self.ask(by, method, **form, limit=2, after=after)
            found += [row["id"] for row in page["items"]]
            after = page.get("next")
        return found

    def seen(self, by: str | Principal, **form: Any) -> list[str]:
        """Who lives in the area now."""
        return self.listed(by, "list_residents", **form)

    def found(self, by: str | Principal, way: str, value: str) -> list[str]:
        return [row["id"] for row in self.ask(by, "search_residents", by=way, value=value)["items"]]

    def opened(self, resident: str, by: str | Principal = "worker") -> dict[str, Any]:
        shown: dict[str, Any] = self.ask(by, "open_resident", resident=resident, **CARE)
        return shown

    def row(self, resident: str, collection: str = "residents") -> dict[str, Any]:
        """As it is stored."""
        stored = self.site.collections("residents")[collection].find_one({"_id": f"{self.tenant}:{resident}"})
        assert stored is not None
        return stored

    def wait_for_area(self, area: str, *residents: str) -> None:
        for resident in residents:
            wait_for(lambda resident=resident: self.row(resident)["area"] == area)

    def tell_again(self) -> None:
        """Every record's event reaches the service once more."""
        cursor = ""
        while cursor := self.ask("operator", "resync", service="residents", cursor=cursor)["cursor"]:
            pass

    def _estate(self, division: str) -> str:
        return str(self.ask_org("tenant_admin", "open_estate", name="惠民小区", division=division)["id"])

    def _building(self, estate: str, *grids: str) -> str:
        return str(self.ask_org("tenant_admin", "open_building", name="1号楼", estate=estate, grids=grids)["id"])


def number(serial: int = 13, born: date = BORN) -> str:
    return number_of(born, serial)
