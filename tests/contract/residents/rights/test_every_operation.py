"""Every operation of `residents`, in every role, in its area and outside it: what the table says, and no more."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chassis.errors import Problem
from tests.contract.cases.rights.world import AREA, World, worlds
from tests.contract.residents.rights import requests as r
from tests.contract.residents.rights.records import keys_of
from tests.contract.residents.rights.walk import PASSED, RELATION, ROLE, UNSEEN, caller, expected, outcome, told
from vocabulary.rights import HOLDERS
from vocabulary.roles import Permission, Role

pytestmark = pytest.mark.domain("Roles")


def test_every_operation_is_tried() -> None:
    assert r.KIND_OF.keys() == r.NEEDS.keys()


@pytest.mark.parametrize("method", r.KIND_OF)
def test_who_may_and_in_which_relation_is_what_the_table_says(method: str) -> None:
    wrong, succeeded = [], False
    for world in worlds():
        wanted, answer = expected(world, method), told(caller(world), method, r.request(method))
        succeeded = succeeded or (outcome(answer, method) == PASSED and not isinstance(answer, Problem))
        if (got := outcome(answer, method)) != wanted:
            wrong.append(f"{world.name}: {got} instead of {wanted} ({answer!r})")
    assert not wrong, "\n".join(wrong)
    assert succeeded, "nobody could do it"


@pytest.mark.parametrize("method", r.KIND_OF)
def test_who_may_not_is_told_so_before_anything_else_is_looked_at(method: str) -> None:
    """Whatever the state of the record, and whatever else is wrong in the request."""
    kind = r.KINDS[r.KIND_OF[method]]
    keys = [{kind.name: key} for key in keys_of(kind.model)] if kind.model else [{}]
    for world in worlds():
        if (wanted := expected(world, method)) in (ROLE, RELATION):
            for args in (each | key for each in r.variants(method) for key in keys):
                answer = told(caller(world), method, args)
                assert outcome(answer, method) == wanted, f"{world.name}: {args}: {answer!r}"


def test_an_operator_imports_and_does_nothing_else() -> None:
    by = replace(caller(World(Role.STREET, frozenset({AREA}))), roles=frozenset({"operator"}), area="", unit="")
    for method, needs in r.NEEDS.items():
        if needs != (Permission.LOOK_UP,):
            may = any(Role.OPERATOR in HOLDERS[each] for each in needs)
            assert (outcome(told(by, method, r.request(method)), method) == PASSED) == may, method


OF_MANAGEMENT = [method for method, kind in r.KIND_OF.items() if kind.startswith("managed")]


@pytest.mark.domain("Privacy: 管理型")
@pytest.mark.parametrize("method", OF_MANAGEMENT)
def test_statutory_management_is_there_only_for_its_purpose_in_the_call_and_in_the_role(method: str) -> None:
    args = r.request(method)
    for world in worlds():
        by = caller(world)
        without = told(replace(by, purposes=by.purposes - {"managed"}), method, args)
        other = told(by, method, args | {"purpose": "care"})
        assert [outcome(each, method) for each in (without, other)] == [UNSEEN, UNSEEN], world.name
