"""Test helpers: users, posts and assignments of a city, and the principals that the gateway derives."""

from __future__ import annotations

from typing import Any

from chassis.security.principal import Principal, system
from tests.integration.org.city import City
from tests.unit.org.places import COMMUNITY, GRID, STREET

COUNTY_PATH = "/1503/150302/"
STREET_PATH = f"{COUNTY_PATH}{STREET}/"
COMMUNITY_PATH = f"{STREET_PATH}{COMMUNITY}/"
GRID_PATH = f"{COMMUNITY_PATH}{GRID}/"
PASSWORD = "plenty of apricots"


def gateway(city: City) -> Principal:
    return system(city.tenant, "gateway")


def add_user(city: City, login: str, **more: Any) -> str:
    user = {"login": login, "password": PASSWORD, "name": "王小明", "phone": "13900000001", **more}
    return str(city.ask("add_user", **user, key=f"user {login}")["id"])


def open_post(city: City, kind: str = "grid_worker", unit: str = COMMUNITY, area: str = GRID_PATH) -> str:
    plan = {"kind": kind, "title": "岗位", "unit": unit, "area": area, "duties": ["巡查"]}
    return str(city.ask("open_post", **plan, key=f"post {kind} {unit} {area}")["id"])


def assign(city: City, subject: str, post: str, area: str = GRID_PATH, **more: Any) -> dict[str, Any]:
    terms = {"subject": subject, "post": post, "duty": "巡查走访", "area": area, **more}
    given: dict[str, Any] = city.ask("assign", **terms, key=f"assign {terms}")
    return given


def who(
    city: City, subject: str, post: str = "", issuer: str = "", issued: float = 4e9, revocations: int | None = None
) -> dict[str, Any]:
    asked = {"issuer": issuer, "subject": subject, "issued": issued, "post": post, "revocations": revocations}
    found: dict[str, Any] = city.ask("principal_of", by=gateway(city), **asked)
    return found


def signed_in(city: City, subject: str, post: str = "") -> Principal:
    """Returns the principal that the gateway would sign for the user."""
    found = who(city, subject, post)
    return Principal(
        tenant=city.tenant,
        subject=subject,
        roles=frozenset(found["roles"]),
        area=found["area"],
        unit=found["unit"],
        post=found["post"],
        purposes=frozenset(found["purposes"]),
    )
