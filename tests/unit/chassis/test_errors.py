from __future__ import annotations

from typing import ClassVar

import pytest

from chassis.errors import Invalid, Problem, RemoteProblem, Unavailable


class WrongRole(Problem):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "wrong_role"
    en: ClassVar[str] = "These may: {roles}; you are {who}."
    zh: ClassVar[str] = "可执行的角色:{roles}({who})。"


def test_a_list_reads_like_one_in_each_language() -> None:
    problem = WrongRole(roles=["street", "centre"], who="community")
    assert problem.text("en") == "These may: street, centre; you are community."
    assert problem.text("zh-CN") == "可执行的角色:street、centre(community)。"


def test_a_chinese_sentence_says_codes_in_chinese_and_the_data_keep_them() -> None:
    class Translated(WrongRole):
        chinese: ClassVar = {"roles": {"street": "街道"}}

    problem = Translated(roles=["street", "3rd"], who="street")
    assert problem.text("zh-CN") == "可执行的角色:街道、3rd(street)。"
    assert problem.text("en") == "These may: street, 3rd; you are street."
    assert problem.to_wire()["data"]["roles"] == ["street", "3rd"]


def test_a_message_with_a_missing_word_hides_no_error() -> None:
    assert WrongRole(roles=[]).text("en") == "These may: ; you are ?."


def test_a_problem_comes_out_of_another_process_as_it_went_in() -> None:
    wire = WrongRole(roles=["street"], who="x").to_wire()
    assert RemoteProblem(wire).to_wire() == wire
    assert wire["data"] == {"roles": ["street"], "who": "x"}


@pytest.mark.parametrize(
    ("problem", "data"),
    [
        (Invalid(("place.path", "missing")), {"fields": [{"field": "place.path", "reason": "missing"}]}),
        (Unavailable(), {"retry_after": 2}),
    ],
)
def test_a_problem_carries_what_a_program_needs(problem: Problem, data: dict[str, object]) -> None:
    assert problem.to_wire()["data"] == data
