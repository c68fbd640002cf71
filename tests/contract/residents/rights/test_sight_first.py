"""What a caller may not see answers exactly like what does not exist, also when the request is wrong in another way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chassis.errors import Problem
from tests.contract.cases.rights.world import AREA, World
from tests.contract.residents.rights import requests as r
from tests.contract.residents.rights.records import FAR, keys_of
from tests.contract.residents.rights.walk import UNSEEN, caller, expected, told
from vocabulary.rights import Relation
from vocabulary.roles import DUTIES, Permission

pytestmark = pytest.mark.domain("Roles")

OTHER_RELATIONS = frozenset(Relation) - {Relation.ANY, AREA, Relation.TIER}
ADDRESSED = [
    method for method, kind in r.KIND_OF.items()
    if r.KINDS[kind].model and r.KINDS[kind].sight != Permission.LOOK_UP
]  # fmt: skip


def strangers(method: str) -> Iterator[World]:
    """Whoever works elsewhere, and whoever works here and has nothing to do with such records."""
    found = (World(role, relations) for role in DUTIES for relations in (OTHER_RELATIONS, frozenset({AREA})))
    yield from (world for world in found if expected(world, method) == UNSEEN)


@pytest.mark.parametrize("method", ADDRESSED)
def test_an_id_out_of_sight_answers_like_one_that_does_not_exist(method: str) -> None:
    kind = r.KINDS[r.KIND_OF[method]]
    assert kind.model
    for world in strangers(method):
        for args in r.variants(method):
            for if_match in (None, 99):
                unknown = told(caller(world), method, args | {kind.name: "NONE9"}, if_match)
                assert unknown.code == "not_found", f"{world.name}: {args}"
                for key in keys_of(kind.model):
                    unseen = told(caller(world), method, args | {kind.name: key}, if_match)
                    assert unseen.to_wire() == unknown.to_wire(), f"{world.name}: {args}, {key}, If-Match {if_match}"


NAMED = [
    (method, field) for method, kind in r.KIND_OF.items() for field in r.NAMES
    if field in r.request(method) and field != r.KINDS[kind].name
]  # fmt: skip


@pytest.mark.parametrize(("method", "field"), NAMED)
def test_an_id_in_the_body_that_the_caller_does_not_see_answers_like_an_unknown_one(method: str, field: str) -> None:
    by, args = caller(World("street", frozenset({AREA}))), r.request(method)
    assert not isinstance(told(by, method, args), Problem)
    unseen, none = (told(by, method, args | {field: r.naming(args[field], end)}) for end in (FAR, "-NONE"))
    assert unseen.to_wire() == none.to_wire()
    assert unseen.code == "invalid"
