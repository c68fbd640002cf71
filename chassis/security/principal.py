"""Principal: the authenticated caller, with roles and area."""

from __future__ import annotations

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Value object: a person or service that acts in one tenant.

    `area` is a materialised path of division codes, `/1503/150303/…/`, and covers everything below it; an empty
    area covers nothing. `unit` is the department or organisation that they act for. `purposes` are the purposes for
    which they may see personal data (`intake`, `callback`, `handling`, …).
    """

    tenant: str
    subject: str
    roles: frozenset[str] = frozenset()
    area: str = ""
    unit: str = ""
    post: str = ""
    purposes: frozenset[str] = frozenset()

    def has(self, *roles: str) -> bool:
        """Returns whether the principal has at least one of these roles."""
        return not self.roles.isdisjoint(roles)

    def covers(self, path: str) -> bool:
        """Returns whether `path` is the principal's area or inside it."""
        return bool(self.area) and path.startswith(self.area)


def system(tenant: str, service: str) -> Principal:
    """Returns the principal of a service that handles an event or a timer: no roles, its name as subject."""
    return Principal(tenant=tenant, subject=f"system:{service}")


def path_of(*codes: str) -> str:
    """Joins division codes to a path: `path_of("1503", "150303")` is `/1503/150303/`."""
    return "".join(f"/{code}" for code in codes) + "/"


def codes_of(path: str) -> list[str]:
    """Splits a path into its codes from the top. Records store them, so that a search by area is an index equality."""
    return [code for code in path.split("/") if code]
