from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import ClassVar

import pytest

from chassis.errors import Invalid, Problem, RemoteProblem, Unavailable, one_of


class WrongRole(Problem):
    status: ClassVar[int] = 403
    code: ClassVar[str] = "wrong_role"
    en: ClassVar[str] = "These may: {roles}; you are {who}."
    zh: ClassVar[str] = "可执行的角色：{roles}（{who}）。"


def test_a_list_reads_like_one_in_each_language() -> None:
    problem = WrongRole(roles=["street", "centre"], who="community")
    assert problem.text("en") == "These may: street, centre; you are community."
    assert problem.text("zh-CN") == "可执行的角色：street、centre（community）。"


def test_a_chinese_sentence_says_codes_in_chinese_and_the_data_keep_them() -> None:
    class Translated(WrongRole):
        chinese: ClassVar = {"roles": {"street": "街道"}}

    problem = Translated(roles=["street", "3rd"], who="street")
    assert problem.text("zh-CN") == "可执行的角色：街道、3rd（street）。"
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
        (
            Invalid(("place.path", "missing", "缺少")),
            {"fields": [{"field": "place.path", "reason": {"en": "missing", "zh-CN": "缺少"}}]},
        ),
        (Unavailable(), {"retry_after": 2}),
    ],
)
def test_a_problem_carries_what_a_program_needs(problem: Problem, data: dict[str, object]) -> None:
    assert problem.to_wire()["data"] == data


def test_a_line_of_a_report_names_the_fields_in_both_languages() -> None:
    invalid = Invalid(("lead", "it is closed", "已撤销"), one_of("state", ["OPEN", "DONE"]))
    assert invalid.in_short() == {
        "en": "lead: it is closed; state: it must be one of OPEN, DONE",
        "zh-CN": "lead：已撤销；state：须为 OPEN、DONE 之一",
    }
    assert WrongRole(roles=["street"], who="x").in_short() == {
        "en": WrongRole(roles=["street"], who="x").text("en"),
        "zh-CN": WrongRole(roles=["street"], who="x").text("zh-CN"),
    }


def test_an_english_sentence_says_codes_in_plain_words_or_in_those_of_its_table() -> None:
    class Translated(WrongRole):
        chinese: ClassVar = {"roles": {"GRID_LEADER": "网格长", "rate": "评价", "you are new": "您是新用户"}}
        english: ClassVar = {"roles": {"rate": "rate a result"}}

    problem = Translated(roles=["GRID_LEADER", "rate", "you are new", "UNIT_1"], who="A_B")
    assert problem.text("en") == "These may: grid leader, rate a result, you are new, UNIT_1; you are A_B."
    assert problem.to_wire()["data"]["roles"][0] == "GRID_LEADER"


class Local:
    """Says every moment as it is in China."""

    def name(self, field: str, code: str) -> str:
        return code

    def time(self, moment: datetime) -> str:
        return f"{moment.astimezone(timezone(timedelta(hours=8))):%m月%d日%H:%M}"


def test_what_only_looks_like_a_moment_stays_as_it_was_written() -> None:
    said = WrongRole(roles=["2026-11-29T01:00Z"], who="2026-99-99T99:99Z 9999-12-31T23:59:59Z").text("zh-CN", Local())
    assert said == "可执行的角色：11月29日09:00（2026-99-99T99:99Z 9999-12-31T23:59:59Z）。"
