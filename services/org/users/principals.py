"""Whom a user acts as: what their assignments, and those they stand in for, make of them now."""

from __future__ import annotations

from chassis.persistence.tenant_data import TenantData
from chassis.usecases.records import found
from services.org.api.users import Standing
from services.org.posts.assignment import Assignment
from services.org.users.user import User
from vocabulary.roles import purposes_of

MOST_ASSIGNMENTS = 50


def standings(data: TenantData, user: User) -> list[Standing]:
    """All that the user may act as now: their own posts first, then those they stand in for, then themselves."""
    held = in_force(data, user.key)
    found = [_standing(user, assignment) for assignment in sorted(held, key=lambda each: bool(each.backup_of))]
    if user.kind != "staff" or not found:
        found.append(Standing(subject=user.key, roles=[] if user.kind == "staff" else [user.kind]))
    return found


def in_force(data: TenantData, subject: str) -> list[Assignment]:
    """The subject's assignments that give access now, the oldest first."""
    now = data.context.now
    where = {"subject": subject, "valid_from": {"$lte": now}}
    given = data.find(Assignment, where, [("valid_from", 1)], MOST_ASSIGNMENTS)
    return [each for each in given if each.gives_access(now, _backed(data, each))]


def _backed(data: TenantData, assignment: Assignment) -> Assignment | None:
    return found(data, Assignment, assignment.backup_of) if assignment.backup_of else None


def _standing(user: User, assignment: Assignment) -> Standing:
    return Standing(
        subject=user.key,
        roles=sorted(assignment.roles),
        area=assignment.area,
        unit=assignment.unit,
        post=assignment.post,
        purposes=sorted(purposes_of(assignment.roles)),
        assignment=assignment.key,
        acting_for=assignment.backup_of,
    )
