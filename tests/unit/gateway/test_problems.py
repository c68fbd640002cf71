"""Rendering of problems."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import msgspec
import pytest

import chassis
import gateway
import services
from chassis.errors import Invalid, Problem, Refused, RemoteProblem
from gateway.http import problems
from gateway.http.problems import BadRequest


class NotRunnable(Refused):
    code = "sample.not_runnable"
    en = "It is {state}."
    zh = "其状态为 {state}。"
    chinese = {"state": {"running": "进行中"}}


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


#: Importing them starts the gateway, or patches the threads of this process.
ENTRY_POINTS = {"gateway.__main__", "chassis.run"}


def kinds(kind: type[Problem] = Problem) -> Iterator[type[Problem]]:
    yield kind
    for each in kind.__subclasses__():
        yield from kinds(each)


def all_problems() -> list[type[Problem]]:
    for package in (chassis, gateway, services):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name not in ENTRY_POINTS:
                importlib.import_module(module.name)
    return sorted(set(kinds()), key=lambda kind: kind.code)


@pytest.mark.parametrize("is_read", [True, False])
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_problem_that_asks_to_repeat_says_after_how_many_seconds(language: str, is_read: bool) -> None:
    repeated = [kind for kind in all_problems() if kind.status in (429, 503, 504)]
    assert {kind.status for kind in repeated} == {429, 503, 504}
    for kind in repeated:
        # As a service of any version may send it: without data.
        wire = {"code": kind.code, "status": kind.status, "data": {}, "en": kind.en, "zh": kind.zh}
        answer = problems.response(RemoteProblem(wire), language, "c-1", is_read=is_read)
        assert int(answer.headers["retry-after"]) == msgspec.json.decode(answer.body)["retry_after"] > 0, kind


def test_a_problem_says_by_itself_when_to_repeat() -> None:
    answer = problems.response(BadRequest(reason="x"), "en", "c-1")
    assert "retry-after" not in answer.headers
    busy = problems.response(problems.TooManyRequests(retry_after=40), "en", "c-1")
    assert busy.headers["retry-after"] == "40"
