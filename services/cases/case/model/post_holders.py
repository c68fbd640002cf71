"""Whom a step names: a handler works for the unit that has the matter, an inspector where the matter lies."""

from __future__ import annotations

from chassis.errors import Refused
from chassis.security.principal import Principal
from services.cases.case.model.inputs import Form
from services.cases.case.model.permissions import acts_for
from services.cases.case.model.refusals import NothingShown
from vocabulary.roles import HOLDERS, Power, Role


class PostHolder(Form, frozen=True, kw_only=True):
    """Somebody, as each of the posts that they hold now lets them act. A B post counts before the A post is away."""

    subject: str
    posts: tuple[Principal, ...] = ()

    def works_for(self, unit: str) -> bool:
        return any(post.has(*HOLDERS[Power.DO_SUB_TASK]) and acts_for(post, unit) for post in self.posts)

    def inspects(self, area: str) -> bool:
        return any(post.has(Role.INSPECTOR) and post.covers(area) for post in self.posts)


class HandlerOfNoPost(Refused):
    """`handler`: the subject that was named; `unit`: for whom they would have to work."""

    code = "case.handler_of_no_post"
    en = "{handler} holds no post of {unit} now: name somebody who does, or have its administrator assign them first."
    zh = "{handler} 目前不在 {unit} 任职:请指定该单位的在岗人员,或先由管理员办理任职。"


class InspectorOfNoPost(Refused):
    """`inspector`: the subject that was named; `area`: what their post would have to cover."""

    code = "case.inspector_of_no_post"
    en = "{inspector} holds no inspector's post over {area} now: name somebody who does, or have them assigned first."
    zh = "{inspector} 目前没有覆盖 {area} 的核查员任职:请指定在岗核查员,或先由管理员办理任职。"


def require_handler(named: PostHolder, unit: str) -> None:
    if not named.subject:
        raise NothingShown(needs="a named handler")
    if not named.works_for(unit):
        raise HandlerOfNoPost(handler=named.subject, unit=unit)


def require_inspector(named: PostHolder, area: str) -> None:
    if not named.inspects(area):
        raise InspectorOfNoPost(inspector=named.subject, area=area)
