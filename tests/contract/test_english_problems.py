"""English sentences of problems say names, and no codes."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

from services.cases.case.model.lead_requests import RequestDecided
from services.cases.case.model.permissions import NotYours, OwnWork
from services.cases.case.model.states import WrongState
from services.cases.case.model.unit_calls import WrongCall
from tests.contract.test_chinese_problems import KINDS
from vocabulary.access import WrongRole


def test_no_label_of_an_english_sentence_is_a_code() -> None:
    labels = [(kind.code, label) for kind in KINDS for table in kind.english.values() for label in table.values()]
    assert len(labels) > 300
    assert [each for each in labels if re.search(r"_|^[A-Z]{2,}$", each[1])] == []


#: After these words stands a thing, with its article or the like.
THING = re.compile(r"(?:belongs to|[Aa]bove|[Ww]ithout|for|Missing:) $")
#: What is no state after "is": a noun, or what the case is said to do by itself.
NO_STATE = re.compile(r"(?!awaiting |being |pending|running)(\w+ing\b|no |self |the |an? |rework\b)")


def spoken() -> Iterator[tuple[str, str, str]]:
    """Of each refusal: its code, what its sentence says up to a placeholder, and each label that may stand there."""
    for kind in KINDS:
        before = ""
        for text, name, _, _ in string.Formatter().parse(kind.en):
            before += text
            yield from ((kind.code, before, label) for label in kind.english.get(name or "", {}).values())


def test_what_a_step_belongs_to_or_lacks_has_its_article() -> None:
    things = [each for each in spoken() if THING.search(each[1])]
    assert len(things) > 20
    assert [
        each for each in things if not re.match(r"(the|an?|another|somebody|whoever|those|[a-z]+s)\b", each[2])
    ] == []


def test_what_a_record_is_reads_as_a_state() -> None:
    # The case that another was merged into is over when its state is said: closed, withdrawn or voided.
    states = [each for each in spoken() if each[1].endswith(" is ") and each[0] != "case.cannot_unmerge"]
    assert len(states) > 50
    assert [each for each in states if NO_STATE.match(each[2])] == []


def test_every_label_belongs_to_a_placeholder_that_takes_codes() -> None:
    assert [kind.code for kind in KINDS if not set(kind.english) <= set(kind.chinese)] == []


def test_a_refusal_reads_as_a_sentence() -> None:
    wrong = WrongRole(permission="read_daily_report", roles=["centre", "grid_leader"])
    assert wrong.text("en") == "Your role may not read the daily report. These roles may: centre, grid leader."
    rating = WrongState(act="rate", state="DISPATCHED", allowed=["AWAITING_RATING"])
    said = "The case is dispatched. You can rate only while it is one of these: awaiting rating."
    assert rating.text("en") == said
    street = NotYours(owner="street")
    assert street.text("en") == "This step belongs to the street. Ask them to take it."
    lead = WrongCall(unit="u", state="the lead", act="release")
    assert lead.text("en") == "u leads the case; you cannot release a called unit now."
    assert lead.text("zh-CN") == "u为本案牵头单位，不能执行“解除吹哨”。"
    assert RequestDecided(number=1, state="LAPSED").text("en") == "Request 1 has lapsed and can no longer be decided."
    own = OwnWork(act="rule", reason="your unit is a side of this dispute")
    assert own.text("en").startswith("You may not rule here: your unit is a side of this dispute.")
