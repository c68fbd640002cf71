"""People of a grid, and records that they make, for the tests of residents. All names and numbers are invented."""

from __future__ import annotations

from datetime import UTC, date, datetime

from chassis.security.principal import Principal, codes_of
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import Household
from services.residents.people.model import Resident
from services.residents.people.profile import Profile
from vocabulary.identity_number import check_character
from vocabulary.roles import purposes_of

TENANT = "wuhai"
STREET = "/1503/150302/150302003/"
COMMUNITY = STREET + "150302003014/"
GRID, OTHER_GRID = COMMUNITY + "150302003014001/", COMMUNITY + "150302003014002/"
ELSEWHERE = "/1503/150303/150303001/150303001001/150303001001001/"
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)


def person(subject: str, role: str, area: str) -> Principal:
    return Principal(tenant=TENANT, subject=subject, roles=frozenset({role}), area=area, purposes=purposes_of([role]))


WORKER, NEIGHBOUR = person("g-1", "grid_worker", GRID), person("g-2", "grid_worker", ELSEWHERE)
COMMUNITY_STAFF, STREET_STAFF = person("c-1", "community", COMMUNITY), person("s-1", "street", STREET)
CENTRE, SOMEBODY = person("n-1", "centre", "/1503/150302/"), person("r-1", "resident", "")


def number_of(born: date, serial: int = 12, division: str = "990000") -> str:
    """Returns a number of a division that does not exist."""
    body = f"{division}{born:%Y%m%d}{serial:03}"
    return body + check_character(body)


def blind(value: str, kind: str) -> str:
    return f"{kind}={value}"


def dwelling(key: str = "D1", area: str = GRID, by: Principal = STREET_STAFF) -> Dwelling:
    found = Dwelling.at(TENANT, key, area)
    found.record(by, estate="E1", building="B1", door="sealed", kind="home")
    return found


def household(key: str = "H1", where: Dwelling | None = None, by: Principal = STREET_STAFF) -> Household:
    return Household.open(by, key, where or dwelling(), NOW)


def resident(
    key: str = "R1", of: Household | None = None, name: str = "王小明", by: Principal = STREET_STAFF
) -> Resident:
    living = of or household()
    profile = Profile(name=name, birthday=date(1950, 5, 1), sex="1")
    facts = {"sex": "1", "born_year": 1950, "tokens": profile.tokens(blind, codes_of(living.area))}
    return Resident.record(by, key, living, "head", profile.sealed_texts(), facts, NOW, "sample")
