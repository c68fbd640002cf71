"""A sign-in and the record of its person, joined through the running services: by proof, or by a code."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from typing import Any

import pytest

from chassis.envelope import decode
from chassis.errors import RemoteProblem
from tests.integration.residents.categories_town import CategoriesTown
from tests.integration.residents.town import GRID, NEXT_COMMUNITY, SECOND, Town, number
from tests.servers.waiting import wait_for

pytestmark = pytest.mark.domain("Privacy: rights of the resident")
CARD = {"name": "王小明", "identity_number": number()}
PROOF = {"user": "resident-1", "proof": "identity_card"}
WRONG = "join.code_refused"


def own(town: Town, subject: str = "resident-1") -> list[str]:
    """The records that the sign-in has."""
    return [row["id"] for row in town.ask(resident(town, subject), "list_own_records")["items"]]


def resident(town: Town, subject: str) -> Any:
    return town.who("resident", subject=subject)


def issued(town: Town, person: str, by: str = "worker") -> str:
    return str(town.ask(by, "issue_join_code", resident=person)["code"])


def redeemed(town: Town, code: str, subject: str = "resident-1", name: str = "王小明") -> str:
    """The id of the record, or the code of the refusal."""
    try:
        return str(town.ask(resident(town, subject), "redeem_join_code", code=code, name=name)["id"])
    except RemoteProblem as problem:
        return str(problem.to_wire()["code"])


def test_a_counter_finds_by_the_card_alone_and_joins_what_it_found(town: Town) -> None:
    person = town.person(town.household(), **CARD)
    for wrong in ({"name": "李芳"}, {"identity_number": number(15)}):
        assert town.ask("counter", "identify_resident", **CARD | wrong)["items"] == []
    elsewhere = town.who("counter", area=NEXT_COMMUNITY)
    assert town.ask(elsewhere, "identify_resident", **CARD)["items"] == []
    [found] = town.ask("counter", "identify_resident", **CARD)["items"]
    assert (found["id"], found["joined"]) == (person, False)
    assert town.ask("counter", "join_resident", resident=person, **PROOF)["state"] == "JOINED"
    assert own(town) == [person]
    assert town.ask("counter", "identify_resident", **CARD)["items"][0]["joined"]
    kept = str(town.row(person, "joins"))
    assert "identity_card" in kept
    assert not [each for each in CARD.values() if each in kept]


def test_a_counter_joins_nobody_elsewhere_and_not_itself(town: Town) -> None:
    person = town.person(town.household(), **CARD)
    elsewhere = town.who("counter", area=NEXT_COMMUNITY)
    unknown = town.problem(elsewhere, "join_resident", resident="NONE", **PROOF)
    assert town.problem(elsewhere, "join_resident", resident=person, **PROOF) == unknown
    himself = PROOF | {"user": "counter-1"}
    assert town.refused("counter", "join_resident", resident=person, **himself) == "join.own_matter"
    assert own(town) == []


def test_a_sign_in_has_one_record_and_a_record_one_sign_in(town: Town) -> None:
    home = town.household()
    one, other = town.person(home), town.person(home)
    town.ask("counter", "join_resident", resident=one, **PROOF)
    assert town.ask("counter", "join_resident", resident=one, **PROOF)["state"] == "JOINED"
    assert town.refused("counter", "join_resident", resident=other, **PROOF) == "join.sign_in_joined"
    another = PROOF | {"user": "resident-2"}
    assert town.refused("counter", "join_resident", resident=one, **another) == "join.record_joined"
    assert town.refused("worker", "issue_join_code", resident=one) == "join.record_joined"
    code = issued(town, other)
    assert redeemed(town, code) == "join.sign_in_joined"
    assert redeemed(town, code, "resident-2") == other


def test_two_counters_at_once_leave_a_sign_in_with_one_record(town: Town) -> None:
    home = town.household()
    people = [town.person(home) for _ in range(4)]

    def join(person: str) -> None:
        other = Town(town.site, town.tenant)
        with closing(other), suppress(RemoteProblem):
            other.ask("counter", "join_resident", resident=person, **PROOF)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(join, people))
    wait_for(lambda: town.stored("joins", state="JOINED") == 1)
    [mine] = own(town)
    assert town.row(mine, "joins")["state"] == "JOINED"


def test_one_code_redeemed_by_four_at_once_joins_one(town: Town) -> None:
    code = issued(town, person := town.person(town.household()))

    def redeem(number: int) -> str:
        with closing(Town(town.site, town.tenant)) as other:
            return redeemed(other, code, f"resident-{number}")

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(redeem, range(4))) == sorted([person, WRONG, WRONG, WRONG])
    assert [own(town, f"resident-{number}") for number in range(4)].count([person]) == 1


def test_a_join_that_stopped_half_way_is_completed_on_its_event(town: Town) -> None:
    person = town.person(town.household())
    town.ask("counter", "join_resident", resident=person, **PROOF)
    town.site.collections("residents")["sign_ins"].delete_many({"tenant": town.tenant})
    assert own(town) == []
    town.tell_again()
    wait_for(lambda: own(town) == [person])


def test_a_grid_worker_hands_over_a_code_that_opens_the_record_once(town: Town) -> None:
    person = town.person(town.household())
    answer = town.ask("worker", "issue_join_code", resident=person, key="once")
    assert town.ask("worker", "issue_join_code", resident=person, key="once") == answer
    code = answer["code"]
    assert code not in str(town.row(person, "joins"))
    assert redeemed(town, f" {code[:5].lower()}-{code[5:]} ") == person
    assert own(town) == [person]
    assert redeemed(town, code, "resident-2") == WRONG
    town.ask("resident", "end_own_join", resident=person)
    assert redeemed(town, code) == WRONG


def test_a_repeated_redemption_finds_its_first_answer(town: Town) -> None:
    code = issued(town, person := town.person(town.household()))
    asked = [town.ask("resident", "redeem_join_code", code=code, name="王小明", key="k") for _ in range(2)]
    assert asked[0] == asked[1]
    assert asked[0]["id"] == person


def test_only_those_who_work_in_the_grid_issue_codes(town: Town) -> None:
    person = town.person(town.household())
    assert town.refused("second", "issue_join_code", resident=person) == "not_found"
    assert town.refused("community", "issue_join_code", resident=person) == "wrong_role"
    assert town.refused("worker", "redeem_join_code", code="X", name="王小明") == "wrong_role"


def test_a_new_code_replaces_the_one_before_and_time_ends_it(at: CategoriesTown) -> None:
    person, name = at.people[0], "王小明"
    old = at.ask("grid_worker", "issue_join_code", resident=person)["code"]
    new = at.ask("grid_worker", "issue_join_code", resident=person)["code"]
    assert old != new
    assert at.refused("resident", "redeem_join_code", code=old, name=name) == WRONG
    at.site.advance(timedelta(days=14))
    assert at.refused("resident", "redeem_join_code", code=new, name=name) == WRONG


def test_five_wrong_names_end_a_code(town: Town) -> None:
    code = issued(town, person := town.person(town.household()))
    for tries in range(5):
        assert redeemed(town, code, f"stranger-{tries}", "李芳") == WRONG
    assert redeemed(town, code) == WRONG
    assert redeemed(town, issued(town, person)) == person


def test_five_wrong_codes_stop_a_sign_in_for_the_day_and_nobody_else(town: Town) -> None:
    code = issued(town, person := town.person(town.household()))
    answers = {redeemed(town, f"WRONG{tries}") for tries in range(5)}
    assert answers | {redeemed(town, code)} == {WRONG}
    assert redeemed(town, code, "resident-2") == person


def test_wrong_used_replaced_and_stopped_codes_answer_the_same_bytes(town: Town) -> None:
    home = town.household()
    people = [town.person(home) for _ in range(3)]
    used, replaced, good = (issued(town, person) for person in people)
    redeemed(town, used, "resident-9")
    issued(town, people[1])
    asked = [("NONE", "王小明"), (used, "王小明"), (replaced, "王小明"), (good, "李芳")]
    problems = [
        town.problem(resident(town, f"r-{number}"), "redeem_join_code", code=code, name=name)
        for number, (code, name) in enumerate(asked)
    ]
    assert all(problem == problems[0] for problem in problems)


def test_merged_records_keep_the_join_and_separated_ones_have_their_own_back(town: Town) -> None:
    home = town.household()
    one, stays = town.person(home), town.person(home)
    town.ask("counter", "join_resident", resident=one, **PROOF)
    town.ask("street", "merge_residents", resident=one, into=stays)
    assert own(town) == [stays]
    town.ask("street", "unmerge_residents", resident=one)
    assert own(town) == [one]
    town.ask("counter", "join_resident", resident=stays, user="resident-2", proof="passport")
    town.ask("street", "merge_residents", resident=one, into=stays)
    assert (own(town), own(town, "resident-2")) == ([], [stays])


def test_moving_out_keeps_the_join_and_death_ends_it(town: Town) -> None:
    person = town.person(town.household())
    town.ask("counter", "join_resident", resident=person, **PROOF)
    town.ask("worker", "move_out", resident=person)
    assert own(town) == [person]
    there = town.household("second", town.dwelling("second", area=SECOND))
    town.ask("street", "move_in", resident=person, household=there)
    town.ask("second", "record_death", resident=person, on="2026-01-05")
    assert own(town) == []
    wait_for(lambda: town.row(person, "joins")["state"] == "NOT_JOINED")
    assert town.refused("counter", "join_resident", resident=person, **PROOF) == "resident.not_living_here"


def test_the_person_or_a_counter_ends_the_join(town: Town) -> None:
    person = town.person(town.household())
    for by, method in (("resident", "end_own_join"), ("counter", "end_join")):
        town.ask("counter", "join_resident", resident=person, **PROOF)
        assert town.ask(by, method, resident=person, key=f"end-{by}")["state"] == "NOT_JOINED"
        assert own(town) == []
    assert town.refused("counter", "end_join", resident=person) == "join.not_joined"


def test_no_event_and_no_log_says_more_than_ids(town: Town) -> None:
    person = town.person(town.household(), **CARD)
    town.ask("counter", "identify_resident", **CARD)
    redeemed(town, issued(town, person))
    [joined] = [each for each in map(decode, town.log()) if each.type.endswith("residents.join.changed.v1")]
    assert joined.data_fields() == {"id": person, "area": GRID, "state": "JOINED"}
    assert "resident-1" not in str(town.log())
    audited = town.site.collections("residents")["audit"].find({"tenant": town.tenant}).sort("_id")
    said = [(row["action"], row["subjects"], row["purpose"]) for row in audited]
    assert ("residents.resident.identified", [person], "proof") in said
    assert ("residents.join.made", [person, "resident-1"], "code") in said
    assert not [each for each in CARD.values() if each in str(said)]
