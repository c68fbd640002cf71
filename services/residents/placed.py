"""Base of records that lie in a place: whoever may find residents there sees them."""

from __future__ import annotations

from chassis.security.principal import Principal, codes_of
from chassis.types import Answer
from chassis.usecases.visibility import Visible
from vocabulary.access import require_role
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission


class Placed(Visible):
    meta = {"abstract": True, "strict": False}
    area: str

    def seen_by(self, by: Principal) -> bool:
        return may(by, Permission.FIND_RESIDENTS, Resource(area=self.area))

    def event_area(self) -> str:
        return self.area


def in_area(by: Principal, area: str, permission: Permission = Permission.FIND_RESIDENTS) -> Answer:
    """Returns the condition for a list of records in `area`, or in all of the caller's for "".

    Of an area that is not the caller's it finds none. Raises `WrongRole`.
    """
    return {"codes": code_within(by, area, permission)} | inside(area or by.area)


def code_within(by: Principal, area: str, permission: Permission = Permission.FIND_RESIDENTS) -> str:
    """Returns the division by which an index finds records in `area`; "", which none has, if it is not the caller's.

    A path that begins like the caller's may end in a code from elsewhere: the condition needs `inside` too.
    """
    require_role(by, permission)
    searched = area or by.area
    return codes_of(searched)[-1] if by.covers(searched) else ""


def inside(area: str) -> Answer:
    """Returns the condition for paths that begin with `area`."""
    return {"area": {"$gte": area, "$lt": area[:-1] + chr(ord("/") + 1)}}
