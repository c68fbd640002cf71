"""What is read of cases: one, its history, lists, work lists, and the public page behind number and code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Annotated, Any, Literal

import msgspec

from chassis.access import codes_of
from chassis.audit import Audit
from chassis.commit import Row
from chassis.context import Call
from chassis.crypto import KeyRing
from chassis.data import DataSource, TenantData
from chassis.errors import Forbidden, Invalid, NotFound
from chassis.rpc import query
from services.cases.copies import require_city
from services.cases.inputs import Answer, Id, Limit, Moment, Path, Position, Word
from services.cases.model import views
from services.cases.model.case import Case
from services.cases.model.limits import Priority
from services.cases.model.scope import Where, avoided, is_masked, sees, where_seen
from services.cases.model.states import State
from services.cases.ways import in_order, ways
from services.cases.words import Words, follow_code
from services.cases.work_lists import LISTS, work_list_of

Sort = Literal["-reported_at", "reported_at", "due"]
Mark = Literal["yellow", "red"]
#: Days, see `_windows`.
_WINDOWS = (1, 8, 64)
_ALWAYS = datetime.min.replace(tzinfo=UTC)


class SeesNoCases(Forbidden):
    code = "case.sees_none"
    en = "Your role reads no cases; ask an administrator which role you need."
    zh = "您的角色无权查看案件,请联系管理员确认所需角色。"


class NoPosition(Invalid):
    """An `after` that is not from `next`."""

    def __init__(self) -> None:
        super().__init__(("after", "take it from `next` of the page before"))


class Reading:
    """Part of the service."""

    data: DataSource
    keys: KeyRing
    audit: Audit

    @query
    def get_case(self, call: Call, case: Id) -> Answer:
        """The detail as the caller's role may see it; each read of personal data is in the audit log."""
        document = self._case_seen(call, case)
        return self._words(call).opened(views.detail(document, call.principal))

    @query
    def case_history(self, call: Call, case: Id) -> Answer:
        document = self._case_seen(call, case)
        words = self._words(call)
        steps = words.steps(views.history(document, call.principal), is_masked(call.principal))
        words.record_history(case)
        return {"id": case, "items": steps, "next": None}

    @query
    def follow(self, call: Call, case: Id, code: Id) -> Answer:
        """By number and code, without a sign-in; a wrong code answers like a number that does not exist."""
        data = self.data.of(call)
        require_city(data)
        if not compare_digest(code, follow_code(self.keys.of(call.tenant), case)):
            raise NotFound()
        return views.public(data.get(Case, case))

    @query
    def list_cases(
        self,
        call: Call,
        state: State | None = None,
        category: Word = "",
        priority: Priority | None = None,
        mark: Mark | None = None,
        area: Path | None = None,
        unit: Word = "",
        handler: Word = "",
        reported_from: Moment | None = None,
        reported_until: Moment | None = None,
        sort: Sort = "-reported_at",
        limit: Limit = 50,
        after: Position | None = None,
    ) -> Answer:
        """What the caller sees, narrowed. `after` is `next` of the page before."""
        wanted: Where = {"state": state, "category": category, "priority": priority, "mark": mark}
        wanted |= {"areas": codes_of(area)[-1] if area else "", "units": unit, "handler": handler}
        conditions: list[Where] = [{name: value} for name, value in wanted.items() if value]
        conditions += [{"reported_at": {"$gte": reported_from}}] if reported_from else []
        conditions += [{"reported_at": {"$lt": reported_until}}] if reported_until else []
        return _page(call, self.data.of(call), [self._scope(call), *conditions], sort, limit, after)

    @query
    def work_list(
        self,
        call: Call,
        name: Annotated[str, msgspec.Meta(pattern="^[a-z_]+$", max_length=20)],
        limit: Limit = 50,
        after: Position | None = None,
    ) -> Answer:
        """`to_do`, `mine`, `came_back`, `yellow_and_red`, `supervised`: what is due first comes first."""
        wanted = work_list_of(name, call.principal)
        if wanted is None:
            raise Invalid(("name", f"one of {', '.join(LISTS)}, where your role has it"))
        return _page(call, self.data.of(call), [self._scope(call), wanted], "due", limit, after)

    @query
    def handover(self, call: Call, person: Id, limit: Limit = 50, after: Position | None = None) -> Answer:
        """交接: the open cases that somebody handles, in what the caller sees; each is handed on by `assign`."""
        wanted: Where = {"handler": person, "closed_at": None}
        return _page(call, self.data.of(call), [self._scope(call), wanted], "due", limit, after)

    # -- inside ---------------------------------------------------------------------------------------

    def _case_seen(self, call: Call, case: str) -> Case:
        document = self.data.of(call).get(Case, case)
        if not sees(document, call.principal):
            raise NotFound()
        return document

    def _scope(self, call: Call) -> Where:
        scope = where_seen(call.principal)
        if scope is None:
            raise SeesNoCases()
        # What is about their own unit `_page` leaves out.
        return {name: value for name, value in scope.items() if name != "about"}

    def _words(self, call: Call) -> Words:
        return Words(self.keys, self.audit, call)


def _page(
    call: Call, data: TenantData, conditions: list[Where], sort: str, limit: int, after: Position | None
) -> Answer:
    """Rows with `next`, the place where the following page begins; None at the end."""
    field, direction = sort.lstrip("-"), -1 if sort.startswith("-") else 1
    fields = [name for name in views.summary_fields(call.principal) if name != "version"]
    order = [(field, direction), ("_id", direction)]
    conditions = [*conditions, _beyond(field, direction, after, data.context.tenant)] if after else conditions
    asked = [way.get(field) for way in ways(conditions)]
    latest = max(_latest(one, data.context.now) for one in asked)
    earliest = min(_earliest(one) for one in asked)

    def read(skip: int) -> list[Row]:
        """From all ways of being seen together: the first of them have the first of the page among them."""
        rows: list[Row] = []
        for window in _windows(field, direction, earliest, latest):
            found = ways([*conditions, window])
            lists = [data.rows(Case, way, [*fields, "about"], order, skip + limit + 1) for way in found]
            rows = in_order(lists, field, direction, skip + limit + 1)[skip:]
            if len(rows) > limit:
                break
        return rows

    found = _not_about(avoided(call.principal), read, limit + 1)
    following = None
    if len(found) > limit:
        last = found[limit - 1]
        following = [last.get(field), last["key"]]
    return {"items": [{"id": row.pop("key"), **row} for row in found[:limit]], "next": following}


def _windows(field: str, direction: int, earliest: datetime, latest: datetime) -> Iterator[Where]:
    """More and more of the past, where the newest come first: most pages are found in the last days.

    Some engines read every match before they put them in order, and so are asked for as few as will do.
    """
    if direction < 0:
        for begin in (latest - timedelta(days=days) for days in _WINDOWS):
            if begin > earliest:
                yield {field: {"$gte": begin}}
    yield {}


def _latest(asked: Any, now: datetime) -> datetime:
    """The newest moment that meets what is asked of the field."""
    limits: list[datetime] = [asked[name] for name in ("$lt", "$lte") if isinstance(asked, dict) and name in asked]
    return min([now, *limits])


def _earliest(asked: Any) -> datetime:
    return asked["$gte"] if isinstance(asked, dict) and "$gte" in asked else _ALWAYS


def _not_about(unit: str, read: Callable[[int], list[Row]], most: int) -> list[Row]:
    """Without complaints about the caller's unit (回避). They are few, so they are left out here: as a condition
    they would have the database look into every match, where the index gives the first ones in order."""
    found: list[Row] = []
    skip = 0
    while True:
        rows = read(skip)
        found += [row for row in rows if row.pop("about", "") != unit or not unit]
        skip += len(rows)
        if len(found) >= most or len(rows) < most:
            return found[:most]


def _beyond(field: str, direction: int, after: Position, tenant: str) -> Where:
    beyond = "$lt" if direction < 0 else "$gt"
    if len(after) != 2 or not isinstance(after[1], str):
        raise NoPosition()
    past = {"_id": {beyond: f"{tenant}:{after[1]}"}}
    if after[0] is None:
        return {"$or": [{field: None, **past}, {field: {"$ne": None}}]}
    moment = _moment(after[0])
    return {"$or": [{field: {"$gte": moment, "$lte": moment}, **past}, {field: {beyond: moment}}]}


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise NoPosition() from error
    if moment.tzinfo is None:
        raise NoPosition()
    return moment
