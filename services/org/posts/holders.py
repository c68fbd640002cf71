"""Who holds a post now, and whose business an assignment is."""

from __future__ import annotations

from datetime import datetime

from chassis.context import Call
from chassis.errors import Forbidden, NotFound
from chassis.persistence.tenant_data import TenantData
from services.org.posts.assignment import Assignment
from vocabulary.roles import Role

MOST_AT_A_PLACE = 500


class NotTheHolder(Forbidden):
    code = "assignment.not_the_holder"
    en = "Only the holder of the post or an administrator of its area declares an absence; ask one of them."
    zh = "只有任职者本人或本区域管理员可登记缺勤,请联系他们。"


def administers(call: Call, area: str) -> bool:
    return call.principal.has(Role.TENANT_ADMIN) and call.principal.covers(area)


def assignment_for_holder(data: TenantData, call: Call, key: str) -> Assignment:
    """The assignment, for its holder and administrators of its area. Raises `NotTheHolder`, `NotFound`."""
    given = data.get(Assignment, key)
    if given.subject != call.principal.subject and not administers(call, given.area):
        raise NotTheHolder if call.principal.covers(given.area) else NotFound
    return given


def holders(data: TenantData, post: str) -> list[Assignment]:
    """The assignments that give access by the post now."""
    now: datetime = data.context.now
    given = data.find(Assignment, {"post": post, "valid_from": {"$lte": now}}, [("valid_from", 1)], MOST_AT_A_PLACE)
    by_key = {each.key: each for each in given}
    return [each for each in given if each.gives_access(now, by_key.get(each.backup_of))]
