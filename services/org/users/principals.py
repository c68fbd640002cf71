"""Standings of a user: the roles and areas that their current assignments, own and as backup, give them."""

from __future__ import annotations

from chassis.persistence.tenant_data import ALL, TenantData
from chassis.usecases.records import found
from services.org.api.users import Standing
from services.org.posts.model.assignment import Assignment
from services.org.users.model import User
from vocabulary.roles import purposes_of


def standings(data: TenantData, user: User) -> list[Standing]:
    """Returns the current standings: own posts first, then posts as backup, then the user acting for themselves."""
    assignments = current_assignments(data, user.key)
    result = [_standing(user, assignment) for assignment in sorted(assignments, key=lambda each: bool(each.backup_of))]
    if user.kind != "staff" or not result:
        roles = [] if user.kind == "staff" else [user.kind]
        result.append(Standing(subject=user.key, roles=roles, area="", unit="", post="", purposes=[]))
    return result


def current_assignments(data: TenantData, subject: str) -> list[Assignment]:
    """Returns the subject's assignments that give access now, oldest first."""
    now = data.context.now
    where = {"subject": subject, "ended": False, "valid_from": {"$lte": now}}
    started = data.find(Assignment, where, [("valid_from", 1)], ALL)
    return [each for each in started if each.gives_access(now, _primary_of(data, each))]


def _primary_of(data: TenantData, assignment: Assignment) -> Assignment | None:
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
