"""Who is asking: the principal, and whether a place lies in their area."""

from __future__ import annotations

import msgspec


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody (or a service) acting in one tenant.

    `area` is a materialised path of division codes, `/1503/150303/…/`, and covers all below it;
    an empty area covers nothing. `unit` is the department or organisation they act for.
    `purposes` name why they may see personal data (`intake`, `callback`, `handling`, …).
    """

    tenant: str
    subject: str
    roles: frozenset[str] = frozenset()
    area: str = ""
    unit: str = ""
    post: str = ""
    purposes: frozenset[str] = frozenset()

    def has(self, *roles: str) -> bool:
        """True when they hold any of these roles."""
        return not self.roles.isdisjoint(roles)

    def covers(self, path: str) -> bool:
        """True when `path` is their area or lies in it."""
        return bool(self.area) and path.startswith(self.area)


def system(tenant: str, service: str) -> Principal:
    """The principal of a service that follows an event or a timer: no roles, its name as subject."""
    return Principal(tenant=tenant, subject=f"system:{service}")


def path_of(*codes: str) -> str:
    """`path_of("1503", "150303")` is `/1503/150303/`."""
    return "".join(f"/{code}" for code in codes) + "/"


def codes_of(path: str) -> list[str]:
    """Every code of a path, from the top: what a case stores so that an area is an equality on an index."""
    return [code for code in path.split("/") if code]
