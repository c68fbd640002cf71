"""Statutory management through the running services: approved by two, ended by itself, and untold."""

from __future__ import annotations

import ast
import contextlib
import itertools
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from chassis.envelope import decode
from chassis.errors import RemoteProblem
from chassis.security.principal import Principal
from gateway.api.operation import Operation
from gateway.app import OPERATIONS
from launcher.servers.processes import ROOT
from tests.contract.api_document import document
from tests.integration.residents.categories_town import FOR_IT, STATUTE, CategoriesTown
from tests.integration.security.bodies import Bodies
from tests.servers.waiting import wait_for
from vocabulary.roles import DUTIES, Purpose

pytestmark = pytest.mark.domain("Privacy: 管理型")
NOBODYS = "NOBODYS"


def known(at: CategoriesTown, resident: str) -> list[tuple[str, str]]:
    items = at.ask("community", "open_managed", resident=resident, **FOR_IT)["items"]
    return [(each["id"], each["state"]) for each in items]


def test_a_community_proposes_and_two_of_the_street_approve(at: CategoriesTown) -> None:
    at.switch_on()
    person = at.people[0]
    entry = at.proposed(person)
    first, second = at.who("street"), at.who("street", "street-2")
    assert at.ask(first, "approve_managed", entry=entry, **FOR_IT)["state"] == "APPROVED_ONCE"
    assert at.refused(first, "approve_managed", entry=entry, **FOR_IT) == "managed.same_person"
    both = at.who("street", "community-1")
    assert at.refused(both, "approve_managed", entry=entry, **FOR_IT) == "managed.same_person"
    assert at.ask(second, "approve_managed", entry=entry, **FOR_IT)["state"] == "IN_FORCE"
    [shown] = at.ask("street", "open_managed", resident=person, **FOR_IT)["items"]
    assert (shown["name"], shown["note"], shown["statute"]) == ("社区矫正对象", "不公开", STATUTE)
    assert [each["by"] for each in shown["approvals"]] == ["street-1", "street-2"]
    [row] = at.ask("street", "list_managed", state="IN_FORCE", **FOR_IT)["items"]
    assert (row["id"], row["resident"], row["name"]) == (entry, person, "社区矫正对象")
    assert at.ask("street", "list_managed", state="PROPOSED", **FOR_IT)["items"] == []
    assert not [each for each in ("矫正对象", "不公开") if each in str(at.rows("managed_entries"))]


def test_every_step_and_every_question_is_audited_found_or_not(at: CategoriesTown) -> None:
    at.switch_on()
    managed, other, _ = at.people
    entry = at.approved(managed)
    for person in (managed, other):
        at.ask("street", "open_managed", resident=person, **FOR_IT)
    at.ask("street", "end_managed", entry=entry, **FOR_IT)
    said = "managed: 按月核对"
    assert at.audited("residents.managed") == [
        ("residents.managed.proposed", [entry], said), ("residents.managed.approved", [entry], said),
        ("residents.managed.approved", [entry], said), ("residents.managed.opened", [managed], said),
        ("residents.managed.opened", [other], said), ("residents.managed.ended", [entry], said),
    ]  # fmt: skip


def test_it_expires_by_itself_and_is_destroyed_when_the_retention_ends(at: CategoriesTown) -> None:
    at.switch_on()
    person = at.people[0]
    entry = at.approved(person)
    at.site.advance(timedelta(days=101))
    wait_for(lambda: known(at, person) == [(entry, "EXPIRED")])
    assert ("residents.managed.expired", [entry], "") in at.audited("residents.managed")
    at.site.advance(timedelta(days=270))
    wait_for(lambda: not at.rows("managed_entries"))
    assert known(at, person) == []


def test_a_proposal_is_refused_or_withdrawn(at: CategoriesTown) -> None:
    at.switch_on()
    first, second = at.proposed(at.people[0]), at.proposed(at.people[1])
    assert at.ask("street", "refuse_managed", entry=first, **FOR_IT)["state"] == "REFUSED"
    assert at.ask("community", "end_managed", entry=second, **FOR_IT)["state"] == "ENDED"
    assert at.refused("street", "approve_managed", entry=first, **FOR_IT) == "category.wrong_state"
    [shown] = at.ask("community", "open_managed", resident=at.people[0], **FOR_IT)["items"]
    assert shown["why"] == FOR_IT["reason"]


def test_it_follows_the_person_and_is_over_when_they_leave(at: CategoriesTown) -> None:
    at.switch_on()
    first, second, _ = at.people
    entry = at.approved(first)
    at.ask("street", "merge_residents", resident=first, into=second)
    wait_for(lambda: known(at, second) == [(entry, "IN_FORCE")])
    at.ask("street", "move_out", resident=second)
    wait_for(lambda: known(at, second) == [(entry, "ENDED")])


def test_while_it_is_off_it_answers_as_where_nobody_is_managed(at: CategoriesTown) -> None:
    person = at.people[0]
    off = asked_with_the_purpose(at, person, NOBODYS)
    assert at.refused("community", "propose_managed", resident=person, **at.proposal()) == "not_found"
    at.switch_on()
    assert asked_with_the_purpose(at, person, NOBODYS) == off


def test_switched_off_everything_is_destroyed_and_stays_so(at: CategoriesTown) -> None:
    person = at.people[0]
    none = asked_with_the_purpose(at, person, NOBODYS)
    at.switch_on()
    entry = at.approved(person)
    at.set(features={"managed_residents": False})
    assert asked_with_the_purpose(at, person, entry) == none
    wait_for(lambda: not at.rows("managed_entries"))
    assert ("residents.managed.destroyed", [entry], "") in at.audited("residents.managed")
    at.switch_on()
    assert asked_with_the_purpose(at, person, entry) == none


def asked_with_the_purpose(at: CategoriesTown, resident: str, entry: str) -> list[Any]:
    """What those who have the purpose are answered, without what a new proposal is."""
    steps = ("approve_managed", "refuse_managed", "review_managed", "end_managed")
    return [
        at.ask("street", "open_managed", resident=resident, **FOR_IT),
        at.ask("community", "list_managed", **FOR_IT),
        *(at.refused("street", step, entry=entry, **FOR_IT) for step in steps),
    ]


# -- without the purpose -------------------------------------------------------------------------------

STEPS = st.lists(st.sampled_from(["propose", "approve", "refuse", "review", "end"]), min_size=1, max_size=5)
_ROLES = [*DUTIES, "operator"]
_OTHERS = [str(each) for each in Purpose if each != Purpose.MANAGED]


@cache
def queries() -> list[Operation]:
    """Every operation of residents that only reads, and those of statutory management, which change nothing here."""
    read = {
        node.name
        for file in (ROOT / "services" / "residents").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and any(ast.unparse(each) == "query" for each in node.decorator_list)
    }
    return [each for each in OPERATIONS["residents"] if each.method in read or "managed" in each.method]


def requests(at: CategoriesTown, named: dict[str, str]) -> Iterator[tuple[Operation, dict[str, Any]]]:
    """The least that each takes, about these; lists also one row at a time, for what their `next` says."""
    bodies = Bodies(document())
    for each in queries():
        described = document()["paths"][each.path][each.verb.lower()]
        least = {**bodies.query(described), **(bodies.of(described) or {})}
        least |= {name: named.get(name, NOBODYS) for name in each.parameters}
        least |= {"valid_until": (at.site.now + timedelta(days=9)).isoformat()} if "valid_until" in least else {}
        yield each, least
        if each.paged:
            yield each, least | {"limit": 1}


def callers(at: CategoriesTown, operation: Operation) -> Iterator[tuple[Principal, dict[str, str]]]:
    """Everybody, each without the purpose: they do not have it, or do not say it."""
    states = "purpose" in (operation.form.__struct_fields__ if operation.form else ())
    for role in _ROLES:
        by = at.who(role)
        without = msgspec.structs.replace(by, purposes=by.purposes - {Purpose.MANAGED})
        if not states:
            yield by, {}
        yield without, {"purpose": "managed"} if states else {}
        if role in ("community", "street") and states:
            yield from ((by, {"purpose": purpose}) for purpose in _OTHERS)


def told(at: CategoriesTown, named: dict[str, str]) -> list[bytes]:
    """Every answer to everybody without the purpose: what the gateway makes bodies, ETags and cursors of."""
    calls, caller = [], at.residents
    for operation, least in requests(at, named):
        for by, stated in callers(at, operation):
            caller.principal = by
            calls.append(caller.call(operation.method, "the-same", **(least | stated)))
            calls[-1]["correlation_id"] = "the-same"
    answers = [reply for first in range(0, len(calls), 50) for reply in caller.many(calls[first : first + 50])]
    return [msgspec.json.encode({name: reply[name] for name in reply if name != "id"}) for reply in answers]


def first_of_equal(one: list[bytes], other: list[bytes]) -> list[bytes] | None:
    """The answers once nothing changes them any more: what was made a moment ago may have consequences."""
    return one if one == other else None


def causes_of_events(at: CategoriesTown) -> set[str]:
    """The calls that have led to an event, at once or by another event."""
    return {decode(body).correlationid for body in at.site.log(at.tenant)}


def walk(at: CategoriesTown, resident: str, steps: list[str]) -> str:
    """Has those who may take these steps as far as they lead; the last entry."""
    entry, officers = at.proposed(resident), itertools.cycle(["street-1", "street-2"])
    for step in steps:
        if step == "propose":
            entry = at.proposed(resident)
            continue
        by = at.who("street", next(officers))
        with contextlib.suppress(RemoteProblem):
            at.ask(by, f"{step}_managed", entry=entry, **FOR_IT)
    return entry


def test_to_everybody_without_the_purpose_everything_is_as_if_there_were_none(at: CategoriesTown) -> None:
    at.switch_on()
    # The test itself reads much, at whatever hour: alerts of that would tell of it alone.
    at.set(unusual_reading={"many": 0, "outside": 0, "at_night": 0, "leaving": 0})
    first, second, third = at.people
    named = {"resident": first, "household": at.household, "entry": at.recorded(first)}
    at.recorded(second)
    for resident in at.people:
        at.ask("community", "correct_resident", resident=resident, phone="13900000001")
    before = wait_for(lambda: first_of_equal(told(at, named), told(at, named)))
    unknown, causes = told(at, named | {"entry": NOBODYS}), causes_of_events(at)
    assert len(before) > 300
    assert sum(b'"ok"' in each for each in before) > 50

    @settings(
        max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.sampled_from([first, second, third]), STEPS)
    def check(resident: str, steps: list[str]) -> None:
        entry = walk(at, resident, steps)
        assert told(at, named) == before
        assert causes_of_events(at) == causes
        assert told(at, named | {"entry": entry}) == unknown

    check()
