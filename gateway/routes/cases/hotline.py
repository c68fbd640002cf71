"""The hotline: calls, callbacks, the roster and the knowledge base."""

from __future__ import annotations

from datetime import date

from gateway.api.table import STAFF, Found, Service
from services.cases.api import hotline as api

cases = Service("cases", named={"week": date})

HOTLINE = "hotline"
CENTRE = "centre"
EITHER = "hotline, centre"
_ARTICLES = "/v1/hotline/articles"
_ARTICLE = _ARTICLES + "/{article}"

OPERATIONS = [
    cases.creates("/v1/hotline/calls", "take_call", "Record a call", HOTLINE, api.TakenCall),
    cases.asks(
        "/v1/hotline/callers-cases", "list_callers_cases", "The caller's open cases, by the number", HOTLINE,
        api.Caller,
    ),
    cases.creates("/v1/hotline/callbacks", "promise_callback", "Promise to call back", HOTLINE, api.CallbackPromise),
    cases.reads(
        "/v1/hotline/callbacks", "list_callbacks", "Whom to call back, the longest due first", HOTLINE,
        api.ListCallbacks, answer=Found,
    ),
    cases.acts(
        "/v1/hotline/callbacks/{callback}/attempts", "note_callback", "Whether they were reached", HOTLINE,
        api.CallbackAttempt,
    ),
    cases.sets("/v1/hotline/rosters/{week}", "plan_roster", "Plan a week; answers the gaps", EITHER, api.WeekPlan),
    cases.reads("/v1/hotline/rosters/{week}", "get_roster", "A week's roster, by its Monday", HOTLINE),
    cases.reads("/v1/hotline/on-duty", "who_is_on_duty", "Who answers now", HOTLINE, answer=Found),
    cases.reads(_ARTICLES, "search_articles", "Search the knowledge base", STAFF, api.SearchArticles, answer=Found),
    cases.creates(_ARTICLES, "draft_article", "Draft an article", EITHER, api.ArticleText),
    cases.sets(_ARTICLE, "edit_article", "Change an article", EITHER, api.ArticleText),
    cases.acts(_ARTICLE + "/publish", "publish_article", "Publish it", CENTRE),
    cases.acts(_ARTICLE + "/retire", "retire_article", "Retire it", CENTRE),
]  # fmt: skip
