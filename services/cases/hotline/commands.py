"""Commands and queries of the hotline: calls, the caller's open cases, callbacks, night roster, knowledge base."""

from __future__ import annotations

from datetime import date, timedelta

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id, Listed
from chassis.usecases.records import create, get, put, step_answer, to_answer
from chassis.usecases.service import Documents
from services.cases.api import hotline as api
from services.cases.case import sealed_text, views
from services.cases.case.model.case import Case
from services.cases.case.model.permissions import require_permission
from services.cases.case.model.states import NOT_OVER, OPEN
from services.cases.directory import replicas
from services.cases.directory.merged_cases import parent_of
from services.cases.hotline.model.calls import Callback, CallRecord, Roster, Shift
from services.cases.hotline.model.knowledge_base import Article, best, tokens
from services.cases.records import RecordCommands, require_case, shown_case
from vocabulary.roles import Permission

_CASE = ("number", "state", "category", "area", "reported_at", "due", "mark", "merged_into")
_MOST_READ = 400
_MOST_OF_A_CALLER = 50


class HotlineCommands(RecordCommands):
    documents: Documents = (Article, CallRecord, Callback, Roster)

    # calls

    @command
    def take_call(self, call: Call, taken: api.TakenCall) -> Answer:
        data, caller = self.data.of(call), self._caller(call, taken.phone)

        def build(key: str) -> CallRecord:
            record = CallRecord.take(
                key,
                call.principal,
                caller=caller,
                outcome=taken.outcome,
                now=call.now,
                article=taken.article,
                case=taken.case,
                note=self._seal(call, taken.note, "call.note"),
            )
            require_case(data, taken.case)
            return record

        return create(data, CallRecord, build, step_answer)

    @command
    def promise_callback(self, call: Call, promise: api.CallbackPromise) -> Answer:
        """Adds the number to the callback list, due within a day."""
        data = self.data.of(call)

        def build(key: str) -> Callback:
            callback = Callback.ask(
                call.principal,
                key,
                phone=self._seal(call, promise.phone, "callback.phone"),
                caller=self._caller(call, promise.phone),
                now=call.now,
                case=promise.case,
            )
            require_case(data, promise.case)
            return callback

        return create(data, Callback, build, step_answer)

    @command
    def note_callback(self, call: Call, callback: Id, attempt: api.CallbackAttempt) -> Answer:
        sealed = self._seal(call, attempt.note, "callback.note")
        return self._act(
            call, Callback, callback, lambda found: found.attempt(call.principal, attempt.reached, sealed, call.now)
        )

    @query
    def list_callbacks(self, call: Call, page: api.ListCallbacks) -> Listed[Answer]:
        """Open callbacks, the earliest due first, with the number to call."""
        require_permission(call.principal, Permission.CALL_BACK)
        data = self.data.of(call)
        waiting = data.find(Callback, {"open": True}, [("due", 1)], page.limit)
        phones = self._open_all(call, {one.key: {"callback.phone": one.phone} for one in waiting})
        return Listed(
            items=[
                to_answer(one, "case", "due", "attempts") | shown_case(data, call.principal, one.case) | phones[one.key]
                for one in waiting
            ]
        )

    @query
    def list_callers_cases(self, call: Call, caller: api.Caller) -> Listed[Answer]:
        """The caller's open cases, found by the blind index of the number, that the two may be connected to.

        A merged case is open as long as its parent is, and shown as the parent stands.
        """
        require_permission(call.principal, Permission.FIND_CALLER)
        person = self._caller(call, caller.phone)
        if not person:
            return Listed(items=[])
        where = {"persons": person, "state": {"$in": [str(state) for state in NOT_OVER]}}
        data = self.data.of(call)
        cases = data.find(Case, where, [("reported_at", -1)], _MOST_OF_A_CALLER)
        shown = [_as_its_parent(data, case) for case in cases if views.may_connect(case, call.principal)]
        return Listed(items=[row for row in shown if row["state"] in OPEN][: caller.limit])

    # the roster

    @command
    def plan_roster(self, call: Call, week: date, plan: api.WeekPlan) -> Answer:
        """Creates or replaces the roster of the week that contains `week`. Returns its gaps, which are allowed."""
        data = self.data.of(call)
        planned = [Shift(starts=one.starts, ends=one.ends, person=one.person, post=one.post) for one in plan.shifts]
        key = (week - timedelta(days=week.weekday())).isoformat()
        starts = replicas.limits_of(data).calendar.day(date.fromisoformat(key))
        blank = Roster.blank(call.tenant, key, starts)
        return put(data, blank, lambda roster: roster.plan(call.principal, planned), _week)

    @query
    def get_roster(self, call: Call, week: date) -> Answer:
        require_permission(call.principal, Permission.READ_ROSTER)
        key = (week - timedelta(days=week.weekday())).isoformat()
        return _week(get(self.data.of(call), Roster, key))

    @query
    def who_is_on_duty(self, call: Call) -> Listed[Answer]:
        """Who is on duty now; empty if the roster has a gap."""
        require_permission(call.principal, Permission.READ_ROSTER)
        data = self.data.of(call)
        rosters = data.find(Roster, {"starts": {"$lte": call.now}}, [("starts", -1)], 1)
        on_duty = [shift for roster in rosters for shift in roster.on_duty(call.now)]
        return Listed(items=[{"person": shift.person, "post": shift.post, "until": shift.ends} for shift in on_duty])

    # the knowledge base

    @command
    def draft_article(self, call: Call, text: api.ArticleText) -> Answer:
        return create(
            self.data.of(call),
            Article,
            lambda key: Article.draft(key, call.principal, text.title, text.answer, text.category, call.now),
            step_answer,
        )

    @command
    def edit_article(self, call: Call, article: Id, text: api.ArticleText) -> Answer:
        return self._act(
            call,
            Article,
            article,
            lambda found: found.edit(call.principal, text.title, text.answer, text.category, call.now),
        )

    @command
    def publish_article(self, call: Call, article: Id) -> Answer:
        return self._act(call, Article, article, lambda found: found.publish(call.principal))

    @command
    def retire_article(self, call: Call, article: Id) -> Answer:
        return self._act(call, Article, article, lambda found: found.retire(call.principal))

    @query
    def search_articles(self, call: Call, search: api.SearchArticles) -> Listed[Answer]:
        """Published articles, ranked by the tokens they share with the query."""
        where = {"tokens": {"$in": tokens(search.words)}, "state": "PUBLISHED"}
        names = ["title", "answer", "category", "edition", "tokens"]
        rows = self.data.of(call).rows(Article, where, names, limit=_MOST_READ)
        found = [_with_id(row) for row in best(rows, search.words)]
        return Listed(items=[{name: row[name] for name in row if name != "tokens"} for row in found])

    def _caller(self, call: Call, phone: str) -> str:
        return sealed_text.person_of_phone(self.keys.of(call.tenant), phone)


def _as_its_parent(data: TenantData, case: Case) -> Answer:
    """Returns a row of the case; with state, due moment and mark of the one that it was merged into, if it was."""
    row = {"id": case.key, **{name: getattr(case, name) for name in _CASE}}
    parent = parent_of(data, case)
    return row if parent is None else row | {"state": parent.state, "due": parent.due, "mark": parent.mark}


def _with_id(row: Answer) -> Answer:
    return {"id": row["key"], **{name: value for name, value in row.items() if name != "key"}}


def _week(roster: Roster) -> Answer:
    gaps = [{"starts": start, "ends": end} for start, end in roster.gaps()]
    return (
        step_answer(roster)
        | to_answer(roster, "starts", "shifts")
        | {"gaps": gaps, "version": step_answer(roster)["version"]}
    )
