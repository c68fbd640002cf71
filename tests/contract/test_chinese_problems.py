"""No English word stands in the Chinese sentence of a problem: every code and phrase of ours has its Chinese there."""

from __future__ import annotations

import ast
import pkgutil
import re
import string
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from chassis.errors import Problem
from chassis.sentences import TIME, VERBATIM
from services.cases.api.deliberation import DeliberationKind
from services.cases.api.reviews import ProceedingState
from services.cases.api.states import State
from services.cases.case import texts_zh
from services.cases.case.acts import Act
from services.cases.counter import model
from services.cases.deliberation import model as deliberation
from services.cases.evidence import model as evidence
from services.cases.mediation import model as mediation
from vocabulary import spoken
from vocabulary.rights import HOLDERS
from vocabulary.roles import Permission, Role
from vocabulary.tiers import TIERS, Tier

ROOT = Path(__file__).parents[2]
#: Kinds that a sentence says in words: see `chassis.sentences` and `vocabulary.spoken`.
SPOKEN = {TIME, VERBATIM, *spoken.KINDS}
NUMBERS = {"against", "in_favour", "item", "limit", "line", "most", "number", "numbers", "retry_after", "score"}
#: By problem, what somebody wrote for people, and names of the API or of a data key that its reader types.
WRITTEN = {
    "case.reason_not_listed": {"names", "names_en"},
    "data_key_locked": {"key"}, "method_not_allowed": {"method", "allowed"}, "ticket.asked_before": {"papers"},
    "unsupported_media": {"taken"},
}  # fmt: skip
#: They are told to operators, in English.
TOLD_TO_OPERATORS = {
    "chassis.settings",
    "chassis.security.sealing",
    "chassis.envelope",
    "chassis.audit.heads",
}
#: Makes the standard library eventlet's when it is imported, for the whole process.
PATCHES = "chassis.run"
#: Functions that raise with the act that they are given.
BY_ACT = {"require", "_require_call", "_require_task", "_own_task"}


def modules() -> Iterator[str]:
    for package in ("chassis", "gateway", "services"):
        found = import_module(package)
        yield from (each.name for each in pkgutil.walk_packages(found.__path__, package + "."))


def kinds() -> Iterator[type[Problem]]:
    """Every problem that a caller of the API may see."""
    for name in modules():
        if name.endswith("__main__") or name in TOLD_TO_OPERATORS or name == PATCHES:
            continue
        for kind in vars(import_module(name)).values():
            if isinstance(kind, type) and issubclass(kind, Problem) and kind.__module__ == name:
                yield kind


KINDS = list(kinds())


def placeholders(sentence: str) -> dict[str, str]:
    """The placeholders of a sentence and the kind of each."""
    return {name: kind or "" for _, name, kind, _ in string.Formatter().parse(sentence) if name}


def nodes() -> Iterator[tuple[str, ast.AST]]:
    """Every node of the source, and where it stands."""
    for folder in ("chassis", "gateway", "services"):
        for file in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                yield f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}", node


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Where it stands, the call, and the name of what is called."""
    for place, node in nodes():
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield place, node, name


def literals(node: ast.expr) -> Iterator[str]:
    """The texts that an argument may be; a text that is put together is none of a table."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.BoolOp(values=values):
            for value in values:
                yield from literals(value)
        case ast.JoinedStr():
            yield ast.unparse(node)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_every_placeholder_is_said_in_words_or_is_a_number(kind: type[Problem]) -> None:
    is_base_of_others = kind.__module__ == "chassis.errors" and "{reason}" in kind.zh and not kind.chinese
    plain = {*NUMBERS, *WRITTEN.get(kind.code, ()), *kind.chinese} | ({"reason"} if is_base_of_others else set())
    for sentence in (kind.zh, kind.en):
        codes = {name: said for name, said in placeholders(sentence).items() if said not in SPOKEN}
        assert codes.keys() <= plain
        assert set(codes.values()) <= {""}


def test_every_phrase_that_a_problem_is_raised_with_has_its_chinese() -> None:
    without = [
        f"{place} {text}"
        for place, call, name in calls()
        for kind in KINDS
        if name == kind.__name__
        for keyword in call.keywords
        if keyword.arg in kind.chinese
        for text in literals(keyword.value)
        if text not in kind.chinese[keyword.arg]
    ]
    assert without == []


def test_nobody_raises_a_general_refusal_with_words_of_their_own() -> None:
    general = {"Refused", "Forbidden"}
    assert [place for place, call, name in calls() if name in general and call.keywords] == []


def faults() -> Iterator[tuple[str, str]]:
    """Where it stands, and the Chinese of each fault `(field, English, Chinese)`: its English is a phrase."""
    for place, node in nodes():
        match node:
            case ast.Tuple(elts=[_, *_, ast.Constant(value=str()) | ast.JoinedStr() as english, chinese]):
                if re.match(" ?[a-z0-9].* ", written(english)):
                    yield place, written(chinese)


def written(text: ast.expr) -> str:
    """What of a text is written in the source; what a placeholder puts in is a value."""
    return " ".join(
        each.value for each in ast.walk(text) if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )


def test_the_reason_of_every_fault_of_a_field_is_told_in_chinese() -> None:
    told = list(faults())
    assert [each for each in told if not re.search(r"[\u4e00-\u9fff]", each[1])] == []
    assert [each for each in told if re.search(r"[A-Za-z]{2,} [a-z]{2,}", each[1])] == []
    assert len(told) > 70


def test_every_act_that_a_rule_names_has_its_chinese() -> None:
    named = [
        (place, text)
        for place, call, name in calls()
        if name in BY_ACT and place.startswith("services/cases")
        for argument in call.args[:3]
        for text in list(literals(argument))[:1]
        if not text.startswith("f") and not text.isupper() and text not in Role.zh_names()
    ]
    assert [each for each in named if each[1] not in texts_zh.ACTS] == []
    assert named  # the others are terms, which have their Chinese


@pytest.mark.parametrize(
    ("codes", "table"),
    [
        (State, texts_zh.CASE_STATES),
        (Act, texts_zh.ACTS),
        (Permission, Permission.zh_names()),
        (frozenset().union(*(HOLDERS[permission] for permission in Permission)), Role.zh_names()),
        (TIERS, Tier.zh_names()),
        (evidence.PhotoState, texts_zh.PHOTO_STATES),
        (model.ItemState, texts_zh.ITEM_STATES),
        (mediation.State, texts_zh.MEDIATION_STATES),
        (deliberation.State, texts_zh.DELIBERATION_STATES),
        (DeliberationKind, texts_zh.DELIBERATIONS),
        (frozenset().union(*deliberation.REQUIRED.values()), texts_zh.INVITEES),
        (ProceedingState, texts_zh.PROCEEDING_STATES),
    ],
)
def test_every_code_of_a_vocabulary_has_its_chinese(codes: frozenset[str], table: texts_zh.Labels) -> None:
    assert set(map(str, codes)) <= set(table)


def test_no_chinese_word_is_latin() -> None:
    tables = [table for name, table in vars(texts_zh).items() if name.isupper()]
    assert not [word for table in tables for word in table.values() if set(word) & set(string.ascii_letters)]
