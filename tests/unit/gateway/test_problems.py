"""Rendering of problems."""

from __future__ import annotations

from chassis.errors import Invalid, RemoteProblem
from gateway.http import problems
from gateway.http.problems import BadRequest
from services.org.grids.model.grid_merge import NotRunnable


def test_an_english_only_fault_of_an_older_service_is_shown_unchanged() -> None:
    wire = Invalid().to_wire() | {"data": {"fields": [{"field": "lead", "reason": "it is closed"}]}}
    shown = problems.body(RemoteProblem(wire), "zh-CN", "c-1")
    assert shown["fields"] == [{"field": "lead", "reason": "it is closed"}]


def test_phrases_in_the_data_are_localised_and_codes_are_not() -> None:
    wire = BadRequest(reason="the body is empty").to_wire()
    assert problems.body(RemoteProblem(wire), "zh-CN", "c-1")["reason"] == "请求体为空"
    assert problems.body(RemoteProblem(wire), "en", "c-1")["reason"] == "the body is empty"
    state = NotRunnable(state="running").to_wire()
    assert problems.body(RemoteProblem(state), "zh-CN", "c-1")["state"] == "running"
