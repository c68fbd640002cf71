"""Queries of the case aggregate: detail, history, lists, work lists, and the public page behind number and code."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from chassis.clock import EPOCH
from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.errors import Forbidden
from chassis.persistence.group_commit import Row
from chassis.persistence.or_branches import in_order, or_branches
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal, codes_of
from chassis.types import Answer, Id, Page
from chassis.usecases.pages import position
from chassis.usecases.records import found, get
from chassis.usecases.service import SealingUseCases
from chassis.usecases.visibility import require_seen
from services.cases.api import case as api
from services.cases.api.acts import CaseAct
from services.cases.api.states import WorkList
from services.cases.case import views
from services.cases.case.acts import Act
from services.cases.case.model.case import Case
from services.cases.case.model.permissions import as_party
from services.cases.case.model.visibility import Where, avoids, is_masked, where_seen
from services.cases.case.possible_steps import ACTS, BY_CODE, Asked, possible
from services.cases.case.sealed_text import ViewUnsealer, code_opens
from services.cases.case.work_lists import work_list_of
from services.cases.directory.absences import answering
from services.cases.directory.limit_versions import limits_of_case
from services.cases.directory.lookups import rule_of
from services.cases.directory.merged_cases import merged_into, parent_of
from services.cases.directory.reasons import Step, name_of
from services.cases.directory.replicas import require_city

#: Lengths in days, see `_windows`.
_WINDOWS = (1, 8, 64)
#: Sort fields that are empty before registration.
_MAY_LACK = ("due",)


class SeesNoCases(Forbidden):
    code = "case.sees_none"
    en = "Your role cannot read cases. Ask an administrator which role you need."
    zh = "您的角色无权查看案件，请联系管理员确认所需角色。"


class CaseQueries(SealingUseCases):
    """Use cases: queries of the case aggregate."""

    @query
    def get_case(self, call: Call, case: Id) -> Answer:
        """Returns the detail as the caller's role may see it; each read of personal data goes to the audit log."""
        data = self.data.of(call)
        document = get(data, Case, case)
        parent = parent_of(data, document)
        view = views.detail(document, call.principal, parent, merged_into(data, document))
        view["may"] = _possible(data, document, call.principal, parent)
        return _with_names(data, self._unsealer(call).opened(view))

    @query
    def case_history(self, call: Call, case: Id) -> Answer:
        document = get(self.data.of(call), Case, case)
        unsealer = self._unsealer(call)
        steps = unsealer.steps(views.history(document, call.principal), is_masked(document, call.principal))
        unsealer.record_history(case)
        return {"id": case, "items": steps}

    @query
    def follow(self, call: Call, receipt: api.Receipt) -> Answer:
        """By number (or id) and code, without a sign-in. A wrong code raises `NotFound`, like an unknown number."""
        data = self.data.of(call)
        require_city(data)
        key = receipt.case or _key_of_number(data, receipt.number or "")
        require_seen(code_opens(self.keys.of(call.tenant), key, receipt.code))
        case = data.get(Case, key)
        parent = parent_of(data, case)
        view = views.public(case, parent)
        by = as_party(call.tenant, case.parties[0].person) if case.parties else call.principal
        view["may"] = _possible(data, case, by, parent, BY_CODE)
        return _with_names(data, self._unsealer(call).told(view))

    @query
    def list_cases(self, call: Call, wanted: api.ListCases) -> Answer:
        """Filtered list of the cases the caller sees. `after`: the `next` of the previous page."""
        scope = self._scope(call)
        if wanted.number:
            return _numbered(call, self.data.of(call), wanted.number)
        equals: Where = {"state": wanted.state, "category": wanted.category, "priority": wanted.priority}
        equals |= {"mark": wanted.mark, "areas": codes_of(wanted.area)[-1] if wanted.area else ""}
        equals |= {"units": wanted.unit, "handler": wanted.handler}
        conditions: list[Where] = [{name: value} for name, value in equals.items() if value]
        conditions += [{"reported_at": {"$gte": wanted.reported_from}}] if wanted.reported_from else []
        conditions += [{"reported_at": {"$lt": wanted.reported_until}}] if wanted.reported_until else []
        return _page(call, self.data.of(call), [scope, *conditions], wanted.sort, wanted)

    @query
    def work_list(self, call: Call, name: WorkList, page: Page) -> Answer:
        """One work list of the caller, ordered by due moment."""
        conditions = [self._scope(call), work_list_of(name, call.principal)]
        return _page(call, self.data.of(call), conditions, "due", page)

    @query
    def handover(self, call: Call, wanted: api.Handover) -> Answer:
        """交接: the open cases of one handler that the caller sees; `assign` hands each over."""
        handled: Where = {"handler": wanted.person, "closed_at": None}
        return _page(call, self.data.of(call), [self._scope(call), handled], "due", wanted)

    # -- internals -------------------------------------------------------------------------------------

    def _scope(self, call: Call) -> Where:
        scope = where_seen(call.principal)
        if scope is None:
            raise SeesNoCases()
        return scope

    def _unsealer(self, call: Call) -> ViewUnsealer:
        return ViewUnsealer(self.keys, self.audit, call)


def _possible(
    data: TenantData, case: Case, by: Principal, parent: Case | None, acts: tuple[CaseAct, ...] = ACTS
) -> list[CaseAct]:
    """What the caller may do once the timers that are due have fired, as they will before the step."""
    limits, now = limits_of_case(data, case), data.context.now
    case.tick(now, limits)
    asked = Asked(
        by, limits, now, parent,
        answering=lambda: answering(data, case.first_person, by.subject),
        has_table=lambda: rule_of(data, by, case, set()) is not None,
    )  # fmt: skip
    return possible(case, asked, acts)


def _with_names(data: TenantData, view: Answer) -> Answer:
    rejection, ending = view.get("rejection"), view.get("ending")
    if rejection:
        view |= {"rejection": rejection | {"names": name_of(data, "rejections", rejection["reason"])}}
    if ending:
        step: Step = "voidings" if ending["act"] == Act.VOID else "withdrawals"
        view |= {"ending": ending | {"names": name_of(data, step, ending["reason"])}}
    return view


def _key_of_number(data: TenantData, number: str) -> str:
    """Returns the id of the case with this number, which the caller may not see; "" if there is none."""
    return next((str(row["key"]) for row in data.rows(Case, {"number": number}, ["number"], limit=1)), "")


def _numbered(call: Call, data: TenantData, number: str) -> Answer:
    """Returns a page with the case of this number, or an empty one if there is none that the caller sees.

    Sight is decided on the case itself: as a condition, it would keep some engines from the index of the number.
    """
    key = _key_of_number(data, number)
    case = found(data, Case, key) if key else None
    return {"items": [views.row(case, call.principal)] if case else [], "next": None}


def _page(call: Call, data: TenantData, conditions: list[Where], sort: str, page: Page) -> Answer:
    """Keyset pagination: returns rows and `next`, the position of the last row; None on the last page."""
    field, direction = sort.lstrip("-"), -1 if sort.startswith("-") else 1
    limit, most = page.limit, page.limit + 1
    fields = [*views.row_fields(call.principal), "about", "persons"]
    order = [(field, direction), ("_id", direction)]

    def read(after: Any) -> list[Row]:
        """Merges the sorted rows of all branches of the scope's `$or`, one index scan each."""
        rows: list[Row] = []
        for segment in _segments(conditions, field, direction, after, data):
            lists = [data.rows(Case, branch, fields, order, most - len(rows)) for branch in or_branches(segment)]
            rows += in_order(lists, field, direction, most - len(rows))
            if len(rows) == most:
                break
        return rows

    shown = _without_complaints(call.principal, read, page.after, field, most)
    following = _position_of(shown[limit - 1], field) if len(shown) > limit else None
    return {"items": [{"id": row.pop("key"), **row} for row in shown[:limit]], "next": following}


def _position_of(row: Row, field: str) -> list[str | None]:
    """Returns where a page ends, as `position` takes it."""
    moment = row.get(field)
    return [moment and moment.isoformat(), row["key"]]


def _segments(
    conditions: list[Where], field: str, direction: int, after: Any, data: TenantData
) -> Iterator[list[Where]]:
    """Yields the consecutive parts of a sorted list: dated rows, then rows without a date, in either direction."""
    beyond = "$lt" if direction < 0 else "$gt"
    moment, key = position(after, undated=field in _MAY_LACK)
    past: Where = {"_id": {beyond: f"{data.context.tenant}:{key}"}} if after else {}
    if moment or not after:
        same = {field: {"$gte": moment, "$lte": moment}, **past}
        dated = [*conditions, {"$or": [same, {field: {beyond: moment}}]}] if moment else conditions
        yield from ([*dated, window] for window in _windows(dated, field, direction, data.context.now))
    if field in _MAY_LACK:
        yield [*conditions, {field: None} if moment else {field: None, **past}]


def _windows(conditions: list[Where], field: str, direction: int, now: datetime) -> Iterator[Where]:
    """Yields disjoint time windows that together cover all moments; for newest first, ever longer ones going back.

    Most pages lie within the last days, and some engines read every match before sorting, so a short window saves work.
    """
    bounds = [branch.get(field) for branch in or_branches(conditions)]
    latest, earliest = max(_latest(one, now) for one in bounds), min(_earliest(one) for one in bounds)
    end: Where = {}
    for begin in (latest - timedelta(days=days) for days in _WINDOWS if direction < 0):
        if begin > earliest:
            yield {field: {"$gte": begin, **end}}
            end = {"$lt": begin}
    # The lower bound excludes rows without a date; only imported reports can lie before it, and they always have one.
    rest: Where = ({"$gte": EPOCH} if field in _MAY_LACK else {}) | end
    yield {field: rest} if rest else {}


def _latest(bounds: Any, now: datetime) -> datetime:
    """Returns the latest moment that meets the condition on the field."""
    limits: list[datetime] = [bounds[name] for name in ("$lt", "$lte") if isinstance(bounds, dict) and name in bounds]
    return min([now, *limits])


def _earliest(bounds: Any) -> datetime:
    return bounds["$gte"] if isinstance(bounds, dict) and "$gte" in bounds else EPOCH


def _without_complaints(
    by: Principal, read: Callable[[Any], list[Row]], after: Any, field: str, most: int
) -> list[Row]:
    """Filters out complaints about the caller's own unit (回避), reading on until `most` rows are found.

    They are few. As a database condition they would force a look into every match instead of an index scan.
    """
    found: list[Row] = []
    while True:
        rows = read(after)
        found += [row for row in rows if not avoids(by, row.pop("about", ""), row.pop("persons", []))]
        if len(found) >= most or len(rows) < most:
            return found[:most]
        after = _position_of(rows[-1], field)
