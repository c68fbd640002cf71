"""The table of roles that org previews and docs/domain.md shows is the one that cases enforces."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.org.posts.preview import preview
from vocabulary.rights import HOLDERS, permissions_of, who
from vocabulary.roles import DUTIES, Permission, Role

CHAPTER = (
    (Path(__file__).parents[2] / "docs" / "domain.md").read_text().partition("\n## Roles\n")[2].partition("\n## ")[0]
)
#: What the words in the cells of each column allow. Who handles a case also handles its sub-tasks.
CELLS: dict[str, dict[str, tuple[Permission, ...]]] = {
    "report": {"✓": (Permission.REPORT,)},
    "verify": {"✓": (Permission.VERIFY,)},
    "on the spot": {"✓": (Permission.SELF_RESOLVE,)},
    "register": {"✓": (Permission.REGISTER,)},
    "dispatch": {
        "✓": (Permission.DISPATCH, Permission.MERGE), "上报": (Permission.ESCALATE,), "sub-tasks": (Permission.ASSIGN,),
    },
    "whistle": {"✓": (Permission.WHISTLE,), "by table": (Permission.WHISTLE_BY_TABLE,)},
    "handle": {
        "✓": (Permission.HANDLE, Permission.REPORT_IN, Permission.DO_SUB_TASK),
        "sub-task": (Permission.DO_SUB_TASK,),
        "自办": (Permission.TAKE_ON,),
    },
    "grant, rule": {"✓": (Permission.GRANT, Permission.RULE), "void": (Permission.VOID,)},
    "inspect": {
        **dict.fromkeys(("✓", "others' work", "callback"), (Permission.INSPECT,)), "rates": (Permission.RATE,),
    },
    "督办": {"✓": (Permission.SUPERVISE,), "催办": (Permission.URGE,), "reads": ()},
}  # fmt: skip
SIGHT = {"own tickets": "own_tickets", "its cases": "cases_of_the_unit", "no cases": "none"}


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("permission", Permission)
def test_org_previews_an_act_for_whom_cases_allows_it(permission: Permission) -> None:
    lines = preview([(role, "/1503/") for role in DUTIES]).acts
    assert {line.role for line in lines if line.act == permission} == HOLDERS[permission] - {Role.OPERATOR}


@pytest.mark.domain("Roles")
def test_every_permission_is_held_by_some_role() -> None:
    assert all(HOLDERS[permission] for permission in Permission)


def rows(first: str) -> Iterator[dict[str, str]]:
    """Yields the rows of the chapter's table that begins with this column."""
    table = CHAPTER[CHAPTER.index(f"| {first} |") :].partition("\n\n")[0]
    head, _, *lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    yield from (dict(zip(head, line, strict=True)) for line in lines)


def roles_of(row: dict[str, str]) -> list[Role]:
    """Returns the roles that a row is about: `centre 网格中心`, `resident, courier`."""
    return [role for name in row["role"].split(", ") for role in Role if f"{name} ".startswith(f"{role.en} ")]


def shown() -> frozenset[Permission]:
    return frozenset(
        permission for words in CELLS.values() for permissions in words.values() for permission in permissions
    )


@pytest.mark.domain("Roles")
def test_the_domain_shows_what_each_role_may_do_and_see_about_a_case() -> None:
    told = {role: row for row in rows("role") for role in roles_of(row)}
    assert told.keys() == DUTIES.keys()
    for role, row in told.items():
        words = [(column, word) for column in CELLS for word in row[column].split(", ") if word]
        allowed = {permission for column, word in words for permission in CELLS[column][word]}
        assert allowed == shown() & set(permissions_of(role)), role
        sight, _, masked = row["sees"].partition(", ")
        assert (SIGHT.get(sight, sight), masked == "masked") == (DUTIES[role].sees, DUTIES[role].masked), role


@pytest.mark.domain("Roles")
def test_the_domain_shows_every_right_and_the_relation_that_it_needs() -> None:
    assert [(row["what"], row["who"]) for row in rows("what")] == [
        (permission.en, who(permission)) for permission in Permission
    ]
