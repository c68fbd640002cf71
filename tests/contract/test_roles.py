"""The table of roles that org previews and docs/domain.md shows is the one that cases enforces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.org.posts.preview import preview
from vocabulary.roles import DUTIES, HOLDERS, Power, Role

CHAPTER = (
    (Path(__file__).parents[2] / "docs" / "domain.md").read_text().partition("\n## Roles\n")[2].partition("\n## ")[0]
)
#: What the words in the cells of each column allow. Who handles a case also handles its sub-tasks.
CELLS: dict[str, dict[str, tuple[Power, ...]]] = {
    "report": {"✓": (Power.REPORT,)},
    "verify": {"✓": (Power.VERIFY,)},
    "on the spot": {"✓": (Power.SELF_RESOLVE,)},
    "register": {"✓": (Power.REGISTER,)},
    "dispatch": {"✓": (Power.DISPATCH,), "上报": (Power.ESCALATE,), "sub-tasks": (Power.ASSIGN,)},
    "whistle": {"✓": (Power.WHISTLE,), "by table": (Power.WHISTLE_BY_TABLE,)},
    "handle": {
        "✓": (Power.HANDLE, Power.DO_SUB_TASK), "sub-task": (Power.DO_SUB_TASK,), "自办": (Power.TAKE_ON,),
    },
    "grant, rule": {"✓": (Power.GRANT,), "void": (Power.VOID,)},
    "inspect": {
        **dict.fromkeys(("✓", "others' work", "callback"), (Power.INSPECT,)), "rates": (Power.RATE,),
    },
    "督办": {"✓": (Power.SUPERVISE,), "催办": (Power.URGE,), "reads": (Power.READ_SUPERVISION,)},
}  # fmt: skip
SIGHT = {"own tickets": "own_tickets", "its cases": "cases_of_the_unit", "no cases": "none"}


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("power", Power)
def test_org_previews_an_act_for_whom_cases_allows_it(power: Power) -> None:
    lines = preview([(role, "/1503/") for role in DUTIES]).acts
    assert {line.role for line in lines if line.act == power} == HOLDERS[power]


@pytest.mark.domain("Roles")
def test_every_power_is_held_by_some_role() -> None:
    assert all(HOLDERS[power] for power in Power)


def rows(first: str) -> Iterator[dict[str, str]]:
    """Yields the rows of the chapter's table that begins with this column."""
    table = CHAPTER[CHAPTER.index(f"| {first} |") :].partition("\n\n")[0]
    head, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    yield from (dict(zip(head, line, strict=True)) for line in lines)


def roles_of(row: dict[str, str]) -> list[Role]:
    """Returns the roles that a row is about: `centre 网格中心`, `resident, courier`."""
    return [role for name in row["role"].split(", ") for role in Role if f"{name} ".startswith(f"{role.en} ")]


def shown() -> frozenset[Power]:
    return frozenset(power for words in CELLS.values() for powers in words.values() for power in powers)


@pytest.mark.domain("Roles")
def test_the_domain_shows_what_each_role_may_do_and_see_about_a_case() -> None:
    told = {role: row for row in rows("role") for role in roles_of(row)}
    assert told.keys() == DUTIES.keys()
    for role, row in told.items():
        words = [(column, word) for column in CELLS for word in row[column].split(", ") if word]
        allowed = {power for column, word in words for power in CELLS[column][word]}
        assert allowed == shown() & set(DUTIES[role].powers), role
        sight, _, masked = row["sees"].partition(", ")
        assert (SIGHT.get(sight, sight), masked == "masked") == (DUTIES[role].sees, DUTIES[role].masked), role


@pytest.mark.domain("Roles")
def test_the_domain_shows_who_may_do_what_beside_the_steps_of_a_case() -> None:
    told = {row["what"]: set(row["who"].split(", ")) for row in rows("what")}
    assert told == {power.en: {Role(role).en for role in HOLDERS[power]} for power in set(Power) - shown()}
