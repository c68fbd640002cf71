"""What the API tells a newcomer first, held against the table of states and the table of operations."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from gateway.api.introduction import INTRODUCTION
from gateway.app import OPERATIONS
from services.cases.case.acts import Act
from services.cases.case.model.states import TRANSITIONS

PATHS = {(operation.verb, operation.path) for table in OPERATIONS.values() for operation in table}
STEPS = INTRODUCTION.partition("## The steps of a case")[2].partition("`GET ")[0]
#: The steps of a case that nothing goes wrong with, and what each does in the table of states.
USUAL = {
    "verify": [Act.VERIFY],
    "register": [Act.REGISTER],
    "dispatch": [Act.DISPATCH],
    "accept": [Act.ACCEPT],
    "start": [Act.START],
    "resolve": [Act.RESOLVE, Act.INSPECT],
    "inspect": [Act.PASS],
    "rate": [Act.END_RATING],
}


def told() -> list[str]:
    return re.findall(r"`([a-z-]+)`", STEPS)


def test_the_steps_that_are_told_exist() -> None:
    assert {("POST", f"/v1/cases/{{case}}/{step}") for step in told()} <= PATHS


def test_the_steps_are_told_in_an_order_in_which_a_case_goes() -> None:
    assert [step for step in told() if step in USUAL] == list(USUAL)
    acts = [act for acts in USUAL.values() for act in acts]
    for before, after in pairwise(acts):
        reached = frozenset().union(*TRANSITIONS[before].values())
        assert reached & TRANSITIONS[after].keys(), f"{after} never follows {before}"


@pytest.mark.parametrize(("verb", "path"), re.findall(r"`(GET|POST) (/v1/[^`]+)`", INTRODUCTION))
def test_the_addresses_that_are_told_exist(verb: str, path: str) -> None:
    known = {(verb, re.sub(r"{\w+}", "[^/]+", each)) for verb, each in PATHS}
    assert path == "/v1/sessions" or any(verb == each and re.fullmatch(pattern, path) for each, pattern in known)
