from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.cases.case.acts import Act
from services.cases.case.texts_zh import ACTS
from vocabulary.access import WrongRole
from vocabulary.roles import Permission

FOLDER = Path(__file__).parents[3] / "services" / "cases" / "case"
#: Functions that take a step: its name, and the place of the step among the arguments.
TAKE_A_STEP = {
    "_record_step": 0, "_move": 0, "_end": 0, "_assign_lead": 0, "_require": 0, "_require_verified": 0, "require": 0,
    "_require_task": 1, "_require_call": 1, "_own_task": 2,
}  # fmt: skip
#: Found in the histories of cases that an earlier version stored.
NO_LONGER_RECORDED = {Act.ADD_WORDS}


def steps_named() -> Iterator[tuple[str, ast.expr]]:
    """Yields each expression that stands where a step is meant, with its place."""
    for file in sorted(FOLDER.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            where = f"{file.name}:{getattr(node, 'lineno', 0)}"
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                place = TAKE_A_STEP.get(name)
                yield from ((where, each.value) for each in node.keywords if each.arg == "act")
                if place is not None and place < len(node.args):
                    yield where, node.args[place]
            if isinstance(node, ast.Compare) and ast.unparse(node.left).endswith("['act']"):
                yield from ((where, each) for each in node.comparators)


def bare(expression: ast.expr) -> set[str]:
    texts = {each.value for each in ast.walk(expression) if isinstance(each, ast.Constant)}
    return {text for text in texts if text in list(Act)}


def test_a_step_is_named_by_its_word_and_never_by_a_bare_string() -> None:
    named = list(steps_named())
    assert len(named) > 80
    assert [(where, text) for where, expression in named for text in bare(expression)] == []


def test_each_step_is_recorded_somewhere() -> None:
    model = "".join(file.read_text() for file in (FOLDER / "model").glob("*.py") if file.name != "states.py")
    assert {act for act in Act if f"Act.{act.name}" not in model} == NO_LONGER_RECORDED


@pytest.mark.parametrize("act", Act)
def test_a_step_has_a_name_in_both_languages(act: Act) -> None:
    assert act.en.isascii()
    assert ACTS[act] == act.zh
    assert not act.zh.isascii()


@pytest.mark.parametrize("permission", Permission)
def test_a_refusal_names_the_permission_and_not_the_step_of_the_same_code(permission: Permission) -> None:
    refusal = WrongRole(permission=str(permission), roles=["centre"])
    assert f"“{permission.zh}”" in refusal.text("zh-CN")
