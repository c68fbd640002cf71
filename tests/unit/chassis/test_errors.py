from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import ClassVar

import pytest

from chassis.errors import Invalid, Problem, RemoteProblem, Unavailable, one_of, spoken_fault


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
    """Says every moment as it is in China, and knows one unit."""

    def name(self, kind: str, code: str, language: str) -> str:
        return {("unit", "water", "zh-CN"): "区水务局"}.get((kind, code, language), "")

    def time(self, moment: datetime, language: str) -> str:
        return f"{moment.astimezone(timezone(timedelta(hours=8))):%m月%d日 %H:%M}"


class Late(Problem):
    en: ClassVar[str] = "{unit:unit} could until {until:time}: {why:verbatim}."
    zh: ClassVar[str] = "{unit:unit}可办理至{until:time}：{why:verbatim}。"
    chinese: ClassVar = {"unit": {"the lead": "牵头单位"}}


def test_a_sentence_says_names_and_local_times_and_the_data_keep_codes_and_utc() -> None:
    late = Late(unit="water", until="2026-11-29T02:05:00Z", why="2026-11-29T02:05:00Z")
    wire = late.to_wire(Local())
    assert wire["zh"] == "区水务局可办理至11月29日 10:05：“2026-11-29T02:05:00Z”。"
    assert wire["data"]["unit"] == "water"
    assert wire["data"]["until"] == "2026-11-29T02:05:00Z"
    assert str(late) == "internal: water could until 2026-11-29T02:05:00Z: “2026-11-29T02:05:00Z”."


def test_a_code_without_a_name_is_quoted_and_a_table_comes_before_names() -> None:
    late = Late(unit=["gas", "the lead"], until=datetime(2026, 11, 29, 2, 5, tzinfo=UTC), why="x")
    assert late.text("zh-CN", Local()) == "“gas”、牵头单位可办理至11月29日 10:05：“x”。"


def test_what_only_looks_like_a_moment_stays_as_it_was_written() -> None:
    said = WrongRole(roles=["2026-11-29T01:00Z"], who="2026-99-99T99:99Z").text("zh-CN", Local())
    assert said == "可执行的角色：2026-11-29T01:00Z（2026-99-99T99:99Z）。"


def test_a_sentence_with_a_missing_value_of_a_kind_hides_no_error() -> None:
    assert Late().text("zh-CN", Local()) == "?可办理至?：?。"


def test_the_line_of_a_report_says_names_too() -> None:
    fault = spoken_fault("lead", "{unit:unit} is closed", "{unit:unit}已撤销", unit="water")
    assert Invalid(fault).in_short(Local()) == {"en": "lead: “water” is closed", "zh-CN": "lead：区水务局已撤销"}
    assert Invalid(fault).data["fields"][0]["reason"] == {"en": "water is closed", "zh-CN": "water已撤销"}
    assert Invalid(fault).to_wire(Local())["data"]["fields"][0]["reason"]["zh-CN"] == "区水务局已撤销"
