"""Cases: every step that somebody takes, and everything that is read of them."""

from __future__ import annotations

from fastapi import APIRouter

from gateway.asking import Parts
from gateway.forms import Id, Listed, Note, Page, form
from gateway.operations import Operation, add

_CASE = "/v1/cases/{case}"

OPERATIONS = [
    Operation(verb="GET", path=_CASE, method="get_case", summary="One case", needs="whoever sees it"),
    Operation(
        verb="GET",
        path="/v1/cases",
        method="list_cases",
        summary="Cases",
        needs="whoever sees them",
        query=form("CaseFilter", Page, state=Id | None, sort=Id | None),
        position="after",
        answer=Listed,
        together=False,
    ),
    Operation(
        verb="POST",
        path="/v1/cases",
        method="report",
        summary="Report",
        needs="anybody",
        body=form("Report", category=Id, place=dict, text=Note),
        into="report",
        creates=True,
        public=True,
    ),
    Operation(
        verb="POST",
        path=_CASE + "/withdraw",
        method="withdraw",
        summary="Return",
        needs="lead",
        body=form("Withdraw", reason=Note),
    ),
]


def add_to(router: APIRouter, parts: Parts) -> None:
    add(router, parts, "cases", OPERATIONS)
