"""Rendering of problems."""

from __future__ import annotations

from chassis.errors import Invalid, RemoteProblem
from gateway.http import problems
from gateway.http.problems import BadRequest
from services.org.grids.grid_merge import NotRunnable


def test_a_fault_that_a_service_of_an_earlier_version_tells_in_english_alone_is_shown_as_it_is() -> None:
    wire = Invalid().to_wire() | {"data": {"fields": [{"field": "lead", "reason": "it is closed"}]}}
    shown = problems.body(RemoteProblem(wire), "zh-CN", "c-1")
    assert shown["fields"] == [{"field": "lead", "reason": "it is closed"}]


def test_words_among_the_data_are_in_the_readers_language_and_codes_are_for_programs() -> None:
    wire = BadRequest(reason="the body is empty").to_wire()
    assert problems.body(RemoteProblem(wire), "zh-CN", "c-1")["reason"] == "请求体为空"
    assert problems.body(RemoteProblem(wire), "en", "c-1")["reason"] == "the body is empty"
    state = NotRunnable(state="running").to_wire()
    assert problems.body(RemoteProblem(state), "zh-CN", "c-1")["state"] == "running"
