"""Queries of assignments: who holds a post now, and who may see and change an assignment."""

from __future__ import annotations

from datetime import datetime

from chassis.context import Call
from chassis.errors import Forbidden, NotFound
from chassis.persistence.tenant_data import ALL, TenantData
from services.org.posts.model.assignment import Assignment
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission


class NotTheHolder(Forbidden):
    code = "assignment.not_the_holder"
    en = "Only the holder of the assignment or an administrator of its area may do this; ask one of them."
    zh = "仅任职者本人或本区域管理员可以办理，请联系其办理。"


def assignment_for_holder(data: TenantData, call: Call, key: str) -> Assignment:
    """Returns the assignment to its holder or an administrator of its area. Raises `NotTheHolder`, `NotFound`."""
    assignment = data.get(Assignment, key)
    on = Resource(persons=(assignment.subject,), area=assignment.area)
    if not may(call.principal, Permission.MANAGE_ASSIGNMENT, on):
        raise NotTheHolder if call.principal.covers(assignment.area) else NotFound
    return assignment


def holders(data: TenantData, post: str) -> list[Assignment]:
    """Returns the assignments to the post that give access now, oldest first."""
    now: datetime = data.context.now
    where = {"post": post, "ended": False, "valid_from": {"$lte": now}}
    started = data.find(Assignment, where, [("valid_from", 1)], ALL)
    by_key = {each.key: each for each in started}
    return [each for each in started if each.gives_access(now, by_key.get(each.backup_of))]
