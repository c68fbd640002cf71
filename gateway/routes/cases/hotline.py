"""Routes of the hotline: calls, callbacks, rosters and the knowledge base."""

from __future__ import annotations

from datetime import date

from gateway.api.table import STAFF, Found, Service
from services.cases.api import hotline as api

cases = Service("cases", named={"week": date})

HOTLINE = "hotline"
EITHER = "hotline, centre"
DESKS = "hotline, counter"
ROSTER_READERS = "hotline, centre, supervisor"
_ARTICLES = "/v1/hotline/articles"
_ARTICLE = _ARTICLES + "/{article}"

OPERATIONS = [
    cases.creates("/v1/hotline/calls", "take_call", "Record a call", HOTLINE, api.TakenCall),
    cases.asks(
        "/v1/hotline/callers-cases", "list_callers_cases", "List a caller's open cases by phone number", DESKS,
        api.Caller,
    ),
    cases.creates("/v1/hotline/callbacks", "promise_callback", "Promise a callback", DESKS, api.CallbackPromise),
    cases.reads(
        "/v1/hotline/callbacks", "list_callbacks", "List pending callbacks, longest overdue first", HOTLINE,
        api.ListCallbacks, answer=Found,
    ),
    cases.acts(
        "/v1/hotline/callbacks/{callback}/attempts", "note_callback", "Record an attempt to call back", HOTLINE,
        api.CallbackAttempt,
    ),
    cases.sets(
        "/v1/hotline/rosters/{week}", "plan_roster", "Plan a week's roster and get its gaps", EITHER, api.WeekPlan,
    ),
    cases.reads("/v1/hotline/rosters/{week}", "get_roster", "Get a week's roster by its Monday", ROSTER_READERS),
    cases.reads("/v1/hotline/on-duty", "who_is_on_duty", "List who is on duty now", ROSTER_READERS, answer=Found),
    cases.reads(_ARTICLES, "search_articles", "Search the knowledge base", STAFF, api.SearchArticles, answer=Found),
    cases.creates(_ARTICLES, "draft_article", "Draft an article", EITHER, api.ArticleText),
    cases.sets(_ARTICLE, "edit_article", "Edit an article", EITHER, api.ArticleText),
    cases.acts(_ARTICLE + "/publish", "publish_article", "Publish an article", EITHER),
    cases.acts(_ARTICLE + "/retire", "retire_article", "Retire an article", EITHER),
]  # fmt: skip
