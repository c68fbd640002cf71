"""English sentences of problems say names, and no codes."""

from __future__ import annotations

import re

from services.cases.case.model.permissions import OwnWork, WrongRole
from services.cases.case.model.states import WrongState
from tests.contract.test_chinese_problems import KINDS


def test_no_label_of_an_english_sentence_is_a_code() -> None:
    labels = [(kind.code, label) for kind in KINDS for table in kind.english.values() for label in table.values()]
    assert len(labels) > 300
    assert [each for each in labels if re.search(r"_|^[A-Z]{2,}$", each[1])] == []


def test_every_label_belongs_to_a_placeholder_that_takes_codes() -> None:
    assert [kind.code for kind in KINDS if not set(kind.english) <= set(kind.chinese)] == []


def test_a_refusal_reads_as_a_sentence() -> None:
    wrong = WrongRole(power="read_daily_report", roles=["centre", "grid_leader"])
    assert wrong.text("en") == "Your role may not read the daily report. These roles may: centre, grid leader."
    rating = WrongState(act="rate", state="DISPATCHED", allowed=["AWAITING_RATING"])
    said = "The case is dispatched. You can rate only while it is one of these: awaiting rating."
    assert rating.text("en") == said
    own = OwnWork(act="rule", reason="your unit is a side of this dispute")
    assert own.text("en").startswith("You may not rule here: your unit is a side of this dispute.")
