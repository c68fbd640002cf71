"""Test fixture: a tenant with its divisions, and the principals that call in it."""

from __future__ import annotations

from typing import Any

from chassis.security.principal import Principal
from tests.integration.org.client import OrgClient
from tests.unit.org.places import COMMUNITY, STREET, someone

DIVISIONS = [
    ("1503", "15", "city", "乌海市"),
    ("150302", "1503", "county", "海勃湾区"),
    ("150303", "1503", "county", "海南区"),
    (STREET, "150302", "street", "新华街道"),
    (COMMUNITY, STREET, "community", "新海社区居委会"),
    ("150302003015", STREET, "community", "和谐社区居委会"),
]


def rows(*divisions: tuple[str, str, str, str]) -> list[dict[str, Any]]:
    """Returns rows of an import, from (code, parent, tier, name). Lines count from 2, after the header of a file."""
    return [
        {"line": line, "code": code, "parent": parent, "tier": tier, "name": name}
        for line, (code, parent, tier, name) in enumerate(divisions, start=2)
    ]


class City:
    """A tenant for one test; `ask` calls as its administrator unless `by` is given."""

    def __init__(self, client: OrgClient, tenant: str) -> None:
        self.client = client
        self.tenant = tenant
        self.admin = self.someone("tenant_admin")

    @classmethod
    def opened(cls, client: OrgClient, tenant: str, **settings: Any) -> City:
        city = cls(client, tenant)
        operator = city.someone("operator", area="")
        city.ask("open_tenant", by=operator, root="1503", tier="city", settings={"name": "乌海市", **settings})
        city.ask("import_divisions", rows=rows(*DIVISIONS))
        return city

    def someone(self, *roles: str, area: str = "/1503/") -> Principal:
        return someone(*roles, area=area, tenant=self.tenant)

    def ask(self, method: str, *, by: Principal | None = None, **args: Any) -> Any:
        return self.client.ask(by or self.admin, method, **args)

    def events(self, kind: str) -> list[dict[str, Any]]:
        return self.client.events(self.tenant, kind)

    def open_grid(self, code: str, above: str, level: str = "base", *, key: str = "", **plan: Any) -> Any:
        whole = {"code": code, "name": "网格", "level": level, "above": above, **plan}
        return self.ask("open_grid", **whole, key=key)
