"""Rules for naming people: a handler holds a post of the unit, an inspector one that covers the area."""

from __future__ import annotations

from chassis.errors import Refused
from chassis.security.principal import Principal
from services.cases.case.model.inputs import Input
from services.cases.case.model.refusals import NothingShown
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission, Role


class PostHolder(Input, frozen=True, kw_only=True):
    """A person with the posts they hold now, one principal per post. A B post counts even if the A post is present."""

    subject: str
    posts: tuple[Principal, ...] = ()

    def works_for(self, unit: str) -> bool:
        return any(may(post, Permission.DO_SUB_TASK, Resource(units=(unit,))) for post in self.posts)

    def inspects(self, area: str) -> bool:
        return any(post.has(Role.INSPECTOR) and post.covers(area) for post in self.posts)


class HandlerOfNoPost(Refused):
    """`handler`: the subject named; `unit`: the unit they would have to work for."""

    code = "case.handler_of_no_post"
    en = (
        "{handler:verbatim} has no post in {unit:unit}. "
        "Name someone who does, or have its administrator assign them first."
    )
    zh = "{handler:verbatim}目前不在{unit:unit}任职，请指定该单位在岗人员，或先由管理员办理任职。"


class InspectorOfNoPost(Refused):
    """`inspector`: the subject named; `area`: the area their post would have to cover."""

    code = "case.inspector_of_no_post"
    en = (
        "{inspector:verbatim} holds no inspector's post that covers {area:place}. "
        "Name someone who does, or have them assigned first."
    )
    zh = "{inspector:verbatim}不是{area:place}的在岗核查员，请指定在岗核查员，或先由管理员办理任职。"


def require_handler(named: PostHolder, unit: str) -> None:
    if not named.subject:
        raise NothingShown(needs="a named handler")
    if not named.works_for(unit):
        raise HandlerOfNoPost(handler=named.subject, unit=unit)


def require_inspector(named: PostHolder, area: str) -> None:
    if not named.inspects(area):
        raise InspectorOfNoPost(inspector=named.subject, area=area)
