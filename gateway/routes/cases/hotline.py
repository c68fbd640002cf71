"""Routes of the hotline: calls, callbacks, rosters and the knowledge base."""

from __future__ import annotations

from datetime import date

from chassis.types import Complete, Record, RecordState
from gateway.api.table import ANYBODY, RouteBuilder
from services.cases.api import hotline as api
from vocabulary.roles import Permission

cases = RouteBuilder("cases", Record, tag="hotline")
rosters = RouteBuilder("cases", api.Roster, named={"week": date}, tag="hotline")
articles = RouteBuilder("cases", RecordState, tag="knowledge base")

_ARTICLES = "/v1/hotline/articles"
_ARTICLE = _ARTICLES + "/{article}"

OPERATIONS = [
    cases.creates("/v1/hotline/calls", "take_call", "Record a call", Permission.TAKE_CALL, api.TakenCall),
    cases.asks(
        "/v1/hotline/callers-cases", "list_callers_cases", "List a caller's open cases by phone number",
        Permission.FIND_CALLER, api.Caller, answer=Complete[api.CallersCase],
    ),
    cases.creates(
        "/v1/hotline/callbacks", "promise_callback", "Promise a callback", Permission.PROMISE_CALLBACK,
        api.CallbackPromise,
    ),
    cases.reads(
        "/v1/hotline/callbacks", "list_callbacks", "List pending callbacks, longest overdue first",
        Permission.CALL_BACK, api.ListCallbacks, answer=Complete[api.PendingCallback],
    ),
    cases.acts(
        "/v1/hotline/callbacks/{callback}/attempts", "note_callback", "Record an attempt to call back",
        Permission.CALL_BACK, api.CallbackAttempt,
    ),
    rosters.sets(
        "/v1/hotline/rosters/{week}", "plan_roster", "Plan a week's roster and get its gaps",
        Permission.PLAN_ROSTER, api.WeekPlan,
    ),
    rosters.reads(
        "/v1/hotline/rosters/{week}", "get_roster", "Get a week's roster by its Monday", Permission.READ_ROSTER
    ),
    cases.reads(
        "/v1/hotline/on-duty", "who_is_on_duty", "List who is on duty now", Permission.READ_ROSTER,
        answer=Complete[api.OnShift],
    ),
    articles.reads(
        _ARTICLES, "search_articles", "Search the knowledge base", ANYBODY, api.SearchArticles,
        answer=Complete[api.FoundArticle],
    ),
    articles.creates(_ARTICLES, "draft_article", "Draft an article", Permission.EDIT_KNOWLEDGE, api.ArticleText),
    articles.sets(_ARTICLE, "edit_article", "Edit an article", Permission.EDIT_KNOWLEDGE, api.ArticleText),
    articles.acts(_ARTICLE + "/publish", "publish_article", "Publish an article", Permission.EDIT_KNOWLEDGE),
    articles.acts(_ARTICLE + "/retire", "retire_article", "Retire an article", Permission.EDIT_KNOWLEDGE),
]  # fmt: skip
