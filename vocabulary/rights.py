"""Access control: the one table of who may do what. A row is a permission, a relation to the record, and some roles.

What is not in it is refused. The services ask it (`may`), the API's words come from it (`who`), `docs/domain.md` shows
it, and a test tries every operation with every role and every relation against it. To change who may do something,
change its row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple, Protocol

import msgspec

from chassis.security.principal import Principal, codes_of
from vocabulary.roles import GRID_ROLES, Permission, Role
from vocabulary.terms import Term
from vocabulary.tiers import depth_of


class Relation(Term):
    """How a caller must be related to a record for a role to count. It is decided for the role that has the right.

    Sight comes before any right: who does not see a record is refused as if it did not exist, so no relation says so.
    """

    ANY = "any", "", ""
    OWN = "own", "their own", "本人的"
    TAKEN = "taken", "what they took first", "本人首问的"
    AREA = "area", "in their area", "本辖区的"
    TIER = "tier", "in their area, held at their tier or below", "本辖区内由本级或下级办理的"
    UNIT = "unit", "of their unit", "本单位的"
    ASSIGNED = "assigned", "assigned to them", "指派给本人的"


class Right(NamedTuple):
    permission: Permission
    relation: Relation
    roles: tuple[Role, ...]


_PARTIES = (Role.RESIDENT, Role.COURIER)
#: A division is the unit of its own officers, whatever unit manages their post.
DIVISIONS = (Role.COMMUNITY, Role.STREET, Role.CENTRE)
#: Those that dispatch, grant and supervise.
_COORDINATORS = (Role.STREET, Role.CENTRE)
#: Units that lead cases. A centre leads none.
_UNITS = (Role.COMMUNITY, Role.STREET, Role.DEPARTMENT)
_STAFF = (*GRID_ROLES, Role.COUNTER, Role.HOTLINE, *DIVISIONS, Role.DEPARTMENT, Role.INSPECTOR)
_ACTING = (*_PARTIES, *_STAFF)
_EVERYONE = (*_ACTING, Role.SUPERVISOR, Role.TENANT_ADMIN)


def _rights(permission: Permission, **roles: tuple[Role, ...]) -> Iterator[Right]:
    yield from (Right(permission, Relation(relation), some) for relation, some in roles.items())


RIGHTS: tuple[Right, ...] = (
    *_rights(
        Permission.READ_CASE,
        own=_PARTIES,
        taken=(Role.COUNTER,),
        area=(*GRID_ROLES, *DIVISIONS, Role.SUPERVISOR),
        unit=_UNITS,
        assigned=(Role.INSPECTOR,),
        any=(Role.HOTLINE,),
    ),
    *_rights(Permission.COMMENT, any=_ACTING),
    *_rights(Permission.READ_COMMENTS, any=tuple(role for role in _ACTING if role != Role.HOTLINE)),
    *_rights(Permission.ADD_PHOTO, any=_ACTING),
    # the steps of a case
    *_rights(Permission.REPORT, any=_ACTING),
    *_rights(Permission.VERIFY, area=(*GRID_ROLES, Role.COMMUNITY, Role.STREET), assigned=(Role.INSPECTOR,)),
    *_rights(
        Permission.SELF_RESOLVE,
        taken=(Role.COUNTER,),
        any=(Role.HOTLINE,),
        area=(*GRID_ROLES, Role.COMMUNITY, Role.STREET),
    ),
    *_rights(Permission.REGISTER, any=(Role.HOTLINE,), area=DIVISIONS),
    *_rights(Permission.SCREEN, taken=(*GRID_ROLES, Role.COUNTER, *DIVISIONS), any=(Role.HOTLINE,)),
    *_rights(Permission.ESCALATE, tier=(*GRID_ROLES, *DIVISIONS)),
    *_rights(Permission.DISPATCH, tier=_COORDINATORS),
    *_rights(Permission.MERGE, tier=_COORDINATORS),
    *_rights(Permission.WHISTLE, tier=_COORDINATORS),
    *_rights(Permission.WHISTLE_BY_TABLE, area=(*GRID_ROLES, Role.COMMUNITY)),
    *_rights(Permission.INVITE_MEMBERS, area=(*GRID_ROLES, *DIVISIONS)),
    *_rights(Permission.SETTLE_CALL, own=(*GRID_ROLES, *DIVISIONS), unit=DIVISIONS),
    *_rights(Permission.REPORT_IN, unit=_UNITS),
    *_rights(Permission.TAKE_ON, tier=(Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.HANDLE, unit=_UNITS),
    *_rights(Permission.ASSIGN, unit=_UNITS),
    *_rights(Permission.DO_SUB_TASK, unit=(*GRID_ROLES, *_UNITS)),
    *_rights(Permission.WAIVE_SUB_TASK, area=_COORDINATORS, unit=_UNITS),
    *_rights(Permission.NOTE_PROGRESS, unit=(*GRID_ROLES, *_UNITS), area=DIVISIONS),
    *_rights(Permission.ANSWER_REPORTER, taken=_STAFF),
    *_rights(Permission.GRANT, area=_COORDINATORS),
    *_rights(Permission.RULE, area=_COORDINATORS),
    *_rights(Permission.RECOMPUTE, area=_COORDINATORS),
    *_rights(Permission.VOID, area=(Role.CENTRE,)),
    *_rights(Permission.NAME_INSPECTOR, area=_COORDINATORS),
    *_rights(Permission.INSPECT, any=(Role.HOTLINE,), area=(*GRID_ROLES, *_COORDINATORS), assigned=(Role.INSPECTOR,)),
    *_rights(Permission.CALL_BACK, any=(Role.HOTLINE,)),
    *_rights(Permission.RATE, own=_PARTIES),
    *_rights(Permission.PURSUE, own=_PARTIES, taken=(Role.COUNTER,), any=(Role.HOTLINE,)),
    *_rights(Permission.WITHDRAW, own=_PARTIES, taken=_STAFF, any=(Role.HOTLINE,)),
    *_rights(Permission.URGE, own=_PARTIES, taken=(Role.COUNTER,), any=(Role.HOTLINE,)),
    *_rights(Permission.SUPERVISE, area=_COORDINATORS),
    *_rights(Permission.IMPORT_CASES, area=(Role.CENTRE,), any=(Role.OPERATOR,)),
    # beside the steps of a case
    *_rights(Permission.OPEN_TICKET, area=(Role.COUNTER, Role.COMMUNITY)),
    *_rights(Permission.READ_TICKET, taken=(Role.COUNTER, Role.COMMUNITY), unit=(Role.COUNTER, *_UNITS, Role.CENTRE)),
    *_rights(Permission.FIND_TICKET, unit=(Role.COUNTER, Role.COMMUNITY)),
    *_rights(Permission.SERVE_ITEM, unit=(Role.COUNTER, *_UNITS, Role.CENTRE)),
    *_rights(Permission.TAKE_CALL, any=(Role.HOTLINE,)),
    *_rights(Permission.FIND_CALLER, any=(Role.COUNTER, Role.HOTLINE)),
    *_rights(Permission.PROMISE_CALLBACK, any=(Role.COUNTER, Role.HOTLINE)),
    *_rights(Permission.PLAN_ROSTER, any=(Role.HOTLINE, Role.CENTRE)),
    *_rights(Permission.READ_ROSTER, any=(Role.HOTLINE, Role.CENTRE, Role.SUPERVISOR)),
    *_rights(Permission.EDIT_KNOWLEDGE, any=(Role.HOTLINE, Role.CENTRE)),
    *_rights(Permission.CONVENE, area=DIVISIONS),
    *_rights(Permission.HOLD_DELIBERATION, unit=DIVISIONS),
    *_rights(
        Permission.READ_DELIBERATION,
        area=(*GRID_ROLES, *DIVISIONS, Role.SUPERVISOR),
        unit=(*DIVISIONS, Role.DEPARTMENT),
    ),
    *_rights(Permission.OPEN_MEDIATION, area=DIVISIONS),
    *_rights(Permission.MEDIATE, own=_ACTING),
    *_rights(Permission.TAKE_PART, own=_ACTING),
    *_rights(Permission.SUGGEST_DUPLICATES, any=(*GRID_ROLES, Role.COUNTER, Role.HOTLINE, *DIVISIONS)),
    *_rights(Permission.SUGGEST_UNITS, any=DIVISIONS),
    *_rights(Permission.READ_DAILY_REPORT, area=(*DIVISIONS, Role.SUPERVISOR)),
    *_rights(
        Permission.READ_INDICATORS,
        area=(Role.GRID_LEADER, *DIVISIONS, Role.SUPERVISOR),
        unit=(Role.DEPARTMENT,),
    ),
    *_rights(Permission.HOLD_ACCOUNTABLE, area=(Role.CENTRE,)),
    *_rights(Permission.ANSWER_PROCEEDING, unit=_UNITS),
    *_rights(Permission.CONCLUDE, area=(Role.CENTRE,)),
    *_rights(Permission.RULE_ON_APPEAL, area=(Role.CENTRE,)),
    *_rights(Permission.READ_PROCEEDINGS, area=(Role.CENTRE, Role.SUPERVISOR), unit=_UNITS),
    # residents and where they live
    *_rights(Permission.FIND_RESIDENTS, area=(*GRID_ROLES, *DIVISIONS)),
    *_rights(Permission.KEEP_RESIDENTS, area=(*GRID_ROLES, Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.OPEN_RESIDENT, area=(*GRID_ROLES, Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.IMPORT_RESIDENTS, area=(Role.COMMUNITY, Role.STREET), any=(Role.OPERATOR,)),
    *_rights(Permission.MERGE_RESIDENTS, area=(Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.KEEP_NEEDS, area=(*GRID_ROLES, Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.KEEP_CATEGORIES, area=(*GRID_ROLES, Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.READ_MANAGED, area=(Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.PROPOSE_MANAGED, area=(Role.COMMUNITY,)),
    *_rights(Permission.APPROVE_MANAGED, area=(Role.STREET,)),
    # the rights of residents
    *_rights(Permission.JOIN_RESIDENTS, area=(Role.COUNTER,)),
    *_rights(Permission.ISSUE_JOIN_CODES, area=GRID_ROLES),
    *_rights(Permission.REDEEM_JOIN_CODES, any=(Role.RESIDENT,)),
    *_rights(Permission.EXERCISE_RIGHTS, own=(Role.RESIDENT,)),
    *_rights(Permission.ANSWER_RIGHTS_REQUESTS, area=(Role.COUNTER, Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.FOLLOW_UP_READING, area=(Role.SUPERVISOR,)),
    # one table
    *_rights(Permission.KEEP_DICTIONARY, any=(Role.CENTRE, Role.TENANT_ADMIN)),
    *_rights(Permission.MAKE_FORMS, any=(Role.STREET, Role.CENTRE)),
    *_rights(Permission.GIVE_FORMS, area=(Role.STREET, Role.CENTRE)),
    *_rights(Permission.MAP_COLUMNS, any=(Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.IMPORT_VALUES, area=(Role.COMMUNITY, Role.STREET)),
    *_rights(Permission.MAKE_REPORTS, area=DIVISIONS),
    *_rights(Permission.USE_FORMS_APP, own=(*GRID_ROLES, Role.COMMUNITY, Role.STREET)),
    # the city and its people
    *_rights(Permission.LOOK_UP, any=_EVERYONE),
    *_rights(Permission.DECLARE_EMERGENCY, area=(Role.CENTRE,)),
    *_rights(Permission.MANAGE_ASSIGNMENT, own=_EVERYONE, area=(Role.TENANT_ADMIN,)),
    *_rights(Permission.READ_USER, own=_EVERYONE, area=(Role.TENANT_ADMIN,)),
    *_rights(Permission.ADMINISTER, area=(Role.TENANT_ADMIN,)),
    *_rights(Permission.OPERATE, any=(Role.OPERATOR,)),
)

#: The same table by permission: which roles have it, each in which relation.
GRANTS: Mapping[Permission, tuple[tuple[Role, Relation], ...]] = {
    permission: tuple(
        (role, right.relation) for right in RIGHTS if right.permission == permission for role in right.roles
    )
    for permission in Permission
}
HOLDERS: Mapping[Permission, frozenset[str]] = {
    permission: frozenset(role for role, _ in granted) for permission, granted in GRANTS.items()
}
"""The roles that hold each permission, in whatever relation."""


def permissions_of(role: str) -> Iterator[Permission]:
    yield from (permission for permission, roles in HOLDERS.items() if role in roles)


#: Roles that see what lies in their area. The hotline is none of them: a caller may ask about any case, so it sees
#: the cases of the whole tenant; it only follows live events by the area of its post (`gateway.events.visibility`).
AREA_ROLES = tuple(role for role, relation in GRANTS[Permission.READ_CASE] if relation is Relation.AREA)
#: Roles that see what their unit works on, also outside its area.
UNIT_ROLES = tuple(role for role, relation in GRANTS[Permission.READ_CASE] if relation is Relation.UNIT)


class Attributes(Protocol):
    """Attributes of a record that decide who is related to it, for one permission.

    `persons`: whose it is; `taken_by`: who took it first, and their stand-ins; `area`: the path in which all of it
    lies; `spans`: paths in which parts of it lie; `tier`: that holds it; `units`: whose work it is.
    """

    @property
    def persons(self) -> Collection[str]: ...
    @property
    def taken_by(self) -> Collection[str]: ...
    @property
    def area(self) -> str: ...
    @property
    def spans(self) -> Collection[str]: ...
    @property
    def tier(self) -> str: ...
    @property
    def units(self) -> Collection[str]: ...
    @property
    def assigned(self) -> Collection[str]: ...


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """`Attributes` as a value; what is left out relates nobody."""

    persons: Collection[str] = ()
    taken_by: Collection[str] = ()
    area: str = ""
    spans: Collection[str] = ()
    tier: str = ""
    units: Collection[str] = ()
    assigned: Collection[str] = ()


NOTHING = Resource()


def may(by: Principal, permission: Permission, on: Attributes = NOTHING) -> bool:
    """Returns whether one of the caller's roles has the permission, and by that role the relation it needs."""
    return any(role in by.roles and is_related(by, role, relation, on) for role, relation in GRANTS[permission])


def holds(by: Principal, permission: Permission) -> bool:
    """Returns whether one of the caller's roles has the permission, in whatever relation."""
    return not HOLDERS[permission].isdisjoint(by.roles)


def is_related(by: Principal, role: str, relation: Relation, on: Attributes) -> bool:
    match relation:
        case Relation.ANY:
            return True
        case Relation.OWN:
            return by.subject in on.persons
        case Relation.TAKEN:
            return by.subject in on.taken_by
        case Relation.AREA:
            return by.covers(on.area) or any(map(by.covers, on.spans))
        case Relation.TIER:
            return by.covers(on.area) and len(codes_of(by.area)) <= depth_of(on.tier)
        case Relation.UNIT:
            return not units_of(by, role).isdisjoint(on.units)
        case Relation.ASSIGNED:
            return by.subject in on.assigned


def units_of(by: Principal, role: str) -> frozenset[str]:
    """Returns the units for which the caller acts in this role: a division is the unit of its own officers.

    Whoever works in a grid acts for it, and for the unit of their post; others act for the unit of their post alone.
    """
    own = codes_of(by.area)[-1:] if role in DIVISIONS or role in GRID_ROLES else []
    of_post = [by.unit] if by.unit and role not in DIVISIONS else []
    return frozenset((*own, *of_post))


def units_with(by: Principal, permission: Permission) -> list[str]:
    """Returns the units for whose records the caller has the permission."""
    roles = [role for role, relation in GRANTS[permission] if role in by.roles and relation is Relation.UNIT]
    return sorted(frozenset().union(*(units_of(by, role) for role in roles)))


def division_of(by: Principal) -> str:
    """Returns the division the caller works in, "" without one; an officer of a division acts for it."""
    return next(iter(codes_of(by.area)[-1:]), "")


def belongs_to(by: Principal, unit: str) -> bool:
    """Returns whether the unit is the caller's in any way: of their post, or their division. For what nobody may do or
    see in a matter of their own (回避)."""
    return bool(unit) and (by.unit == unit or by.area.endswith(f"/{unit}/"))


def units_over(by: Principal) -> list[str]:
    """Returns the units from which the caller is never apart: that of their post, and every division they work in."""
    return [*codes_of(by.area), *([by.unit] if by.unit else [])]


def works_under(by: Principal, unit: str) -> bool:
    """Returns whether the unit is one of `units_over`: complaints about it are kept from the caller (回避).

    Wider than `belongs_to`: who works in a part of a division answers to it.
    """
    return bool(unit) and (by.unit == unit or f"/{unit}/" in by.area)


def who(*permissions: Permission) -> str:
    """Returns in words who has at least one of the permissions: `street, centre (in their area); hotline`."""
    said = [
        _names(right.roles) + (f" ({right.relation.en})" if right.relation.en else "")
        for permission in permissions
        for right in RIGHTS
        if right.permission == permission
    ]
    return "; ".join(dict.fromkeys(said))


def _names(roles: tuple[Role, ...]) -> str:
    known = {_EVERYONE: "anyone signed in", _ACTING: "anyone signed in but supervisors and tenant admins"}
    return known.get(roles) or ", ".join(role.en for role in roles)
