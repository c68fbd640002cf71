"""The relation that a right needs is decided for the role that has the right, never for another role of the caller."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.security.principal import Principal
from vocabulary.rights import GRANTS, RIGHTS, Relation, Resource, belongs_to, is_related, may, who
from vocabulary.roles import DUTIES, Permission, Role

pytestmark = pytest.mark.domain("Roles")

ON = Resource(
    persons=("me",), taken_by=("me",), area="/1503/150302/", spans=("/1503/150303/",), tier="county",
    units=("u-1", "150302"), assigned=("me",),
)  # fmt: skip
PLACES = ["", "/1503/", "/1503/150302/", "/1503/150302/150302011/", "/1508/"]


def somebody(roles: frozenset[str], **facts: str) -> Principal:
    return Principal(tenant="wuhai", subject=facts.get("subject", "me"), roles=roles, area=facts.get("area", ""),
                     unit=facts.get("unit", ""))  # fmt: skip


@given(
    st.frozensets(st.sampled_from(list(DUTIES)), max_size=4), st.sampled_from(list(Permission)),
    st.sampled_from(PLACES), st.sampled_from(["", "u-1", "150302"]), st.sampled_from(["me", "you"]),
)  # fmt: skip
def test_several_roles_may_what_one_of_them_may_alone(
    roles: frozenset[str], permission: Permission, area: str, unit: str, subject: str
) -> None:
    facts = {"area": area, "unit": unit, "subject": subject}
    alone = [may(somebody(frozenset({role}), **facts), permission, ON) for role in roles]
    assert may(somebody(roles, **facts), permission, ON) == any(alone)


@given(st.sampled_from(list(DUTIES)), st.sampled_from(list(Permission)))
def test_who_is_in_no_relation_may_only_what_needs_none(role: str, permission: Permission) -> None:
    free = {relation for each, relation in GRANTS[permission] if each == role} & {Relation.ANY}
    stranger = somebody(frozenset({role}), subject="you", area="/1508/", unit="u-2")
    assert may(stranger, permission, ON) == bool(free)


@pytest.mark.parametrize("relation", Relation)
def test_what_a_record_does_not_say_relates_nobody(relation: Relation) -> None:
    someone = somebody(frozenset(DUTIES), subject="", area="", unit="")
    related = is_related(someone, Role.DEPARTMENT, relation, Resource(units=("",)))
    assert related == (relation is Relation.ANY)


def test_a_division_is_the_unit_of_its_own_officers_whatever_unit_manages_their_post() -> None:
    officer = somebody(frozenset({Role.COMMUNITY}), area="/1503/150302/150302011/150302011001/", unit="150302011")
    assert may(officer, Permission.HANDLE, Resource(units=("150302011001",)))
    assert not may(officer, Permission.HANDLE, Resource(units=("150302011",)))
    assert belongs_to(officer, "150302011")  # for what nobody may do in a matter of their own


def test_every_row_of_the_table_is_a_different_one() -> None:
    cells = [(right.permission, right.relation, role) for right in RIGHTS for role in right.roles]
    assert len(cells) == len(set(cells))


def test_who_may_is_said_with_the_relation() -> None:
    assert who(Permission.VOID) == "centre (in their area)"
    assert who(Permission.HANDLE, Permission.REGISTER) == (
        "community, street, department (of their unit); hotline; community, street, centre (in their area)"
    )
    assert who(Permission.LOOK_UP) == "anyone signed in"
