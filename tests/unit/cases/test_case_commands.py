"""A case that the caller does not see answers every step like an unknown id, also when it cannot be written."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chassis.context import Call, Context
from chassis.errors import NotFound, Oversized, Problem, Stale
from chassis.persistence.data_source import DataSource
from chassis.security.principal import Principal
from chassis.security.sealing import KeyRing, Sealer
from services.cases.api.steps import Rating, Remark
from services.cases.case.commands.quality import QualityCommands
from services.cases.case.commands.work import WorkCommands
from services.cases.case.sealed_text import follow_code
from tests.unit.cases import people as p
from tests.unit.cases.people import Story

FAULTS = [Stale(version=3), Oversized(reason="its events do not reach the broker")]
SEALER = cast(Sealer, SimpleNamespace(blind=lambda text, use: f"{use} of {text}", seal=lambda text, use: text))
CODE = follow_code(SEALER, "CASE1")


class OneCase:
    """Stub: the data of a city with one case, which cannot be written."""

    def __init__(self, fault: Problem) -> None:
        self.case, self.fault = Story().in_progress().case, fault

    def of(self, context: Context) -> OneCase:
        self.context = context
        return self

    def get(self, model: type[Any], key: str) -> Any:
        return self.case

    def change(self, model: type[Any], key: str, act: Callable[[Any], Any]) -> Any:
        raise self.fault


class Commands(WorkCommands, QualityCommands):
    def __init__(self, fault: Problem) -> None:
        self.data = cast(DataSource, OneCase(fault))
        self.keys = cast(KeyRing, SimpleNamespace(of=lambda tenant: SEALER))


def contact(fault: Problem, by: Principal) -> None:
    Commands(fault).contact(call_of(by), "CASE1", Remark(note="打过电话"))


def rate(fault: Problem, by: Principal, code: str = "") -> None:
    Commands(fault).rate(call_of(by), "CASE1", Rating(code=code, satisfied=5))


def call_of(by: Principal) -> Call:
    return Call(tenant=p.TENANT, actor=by.subject, now=p.START, correlation_id="c", principal=by)


@pytest.mark.parametrize("fault", FAULTS)
def test_that_a_case_cannot_be_written_is_not_said_to_those_who_do_not_see_it(fault: Problem) -> None:
    for stranger in (p.WATER, p.NEIGHBOUR, p.OTHER_STREET_STAFF):
        with pytest.raises(NotFound):
            contact(fault, stranger)
    for code in ("", "wrong", "错码"):
        with pytest.raises(NotFound):
            rate(fault, p.NEIGHBOUR, code)


@pytest.mark.parametrize("fault", FAULTS)
def test_who_sees_the_case_or_brings_its_code_is_told_why_it_cannot_be_written(fault: Problem) -> None:
    with pytest.raises(type(fault)):
        contact(fault, p.URBAN)
    for code in (CODE, CODE.lower(), f"{CODE[:5]} {CODE[5:]}"):
        with pytest.raises(type(fault)):
            rate(fault, p.NEIGHBOUR, code)
