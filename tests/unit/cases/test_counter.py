from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chassis.errors import Invalid
from chassis.security.principal import Principal
from services.cases.api.counter import TicketState
from services.cases.case.model.permissions import NotYours
from services.cases.counter import events
from services.cases.counter.model import (
    AskedBefore,
    ItemEnded,
    NothingToBring,
    Ticket,
    TicketClosed,
)
from services.cases.directory.absences import Backup, who_answers
from vocabulary.access import WrongRole
from vocabulary.rights import units_with
from vocabulary.roles import Permission

ONE_COUNTER = pytest.mark.domain("我为群众一窗通办")
FIRST_OWNER = pytest.mark.domain("首问负责, AB岗, 最多跑一次")

NOW = datetime(2026, 11, 19, 2, tzinfo=UTC)
DAY = timedelta(days=1)
AREA = "/1506/150621/150621001/"


def who(subject: str, role: str, unit: str, area: str = AREA) -> Principal:
    return Principal(
        tenant="dalad", subject=subject, roles=frozenset({role}), area=area, unit=unit, post=f"{subject}-post"
    )


COUNTER = who("wang", "counter", "150621001")
COLLEAGUE = who("li", "counter", "150621001")
CIVIL, HOUSING = who("c1", "department", "civil-affairs"), who("h1", "department", "housing")
SERVICES = [("elderly-card", "civil-affairs"), ("rent-subsidy", "housing")]


def ticket(services: list[tuple[str, str]] = SERVICES, by: Principal = COUNTER, area: str = AREA) -> Ticket:
    return Ticket.open("T1", by, area=area, services=services, receipt="D-7Q2K", now=NOW, visitor="blind")


@ONE_COUNTER
def test_one_ticket_at_one_counter_takes_many_services_and_gives_a_receipt() -> None:
    one = ticket()
    assert [(item.service, item.unit) for item in one.items] == SERVICES
    assert one.receipt == "D-7Q2K"
    assert one.pending == [events.TicketOpened(counter="150621001", area=AREA, items=["elderly-card", "rent-subsidy"])]


@ONE_COUNTER
@pytest.mark.parametrize("services", [[], [("a", "x"), ("a", "y")]])
def test_a_ticket_names_each_service_once_and_at_least_one(services: list[tuple[str, str]]) -> None:
    with pytest.raises(Invalid):
        ticket(services)


@ONE_COUNTER
def test_tickets_are_opened_at_a_counter_in_its_area() -> None:
    with pytest.raises(WrongRole):
        ticket(by=CIVIL)
    with pytest.raises(NotYours):
        ticket(area="/1506/150621/150621002/")


@ONE_COUNTER
def test_the_ticket_closes_with_its_last_item() -> None:
    one = ticket()
    one.end_item(CIVIL, 1, True, "", NOW)
    assert one.state == TicketState.OPEN
    one.end_item(COLLEAGUE, 2, False, "not entitled", NOW + DAY)
    assert one.state == TicketState.CLOSED
    assert one.pending[-1] == events.TicketClosed(counter="150621001", area=AREA, visits=1)
    with pytest.raises(TicketClosed):
        one.end_item(CIVIL, 1, True, "", NOW)


@ONE_COUNTER
def test_a_unit_ends_its_own_items_only() -> None:
    with pytest.raises(NotYours):
        ticket().end_item(CIVIL, 2, True, "", NOW)


@ONE_COUNTER
def test_an_item_ends_once_and_a_refusal_needs_a_reason() -> None:
    one = ticket()
    with pytest.raises(Invalid):
        one.end_item(CIVIL, 1, False, "", NOW)
    one.end_item(CIVIL, 1, True, "", NOW)
    with pytest.raises(ItemEnded):
        one.end_item(CIVIL, 1, True, "", NOW)
    with pytest.raises(Invalid):
        one.end_item(CIVIL, 3, True, "", NOW)


@ONE_COUNTER
def test_the_counter_and_the_deciding_units_see_a_ticket() -> None:
    one = ticket()
    assert [one.seen_by(seer) for seer in (COUNTER, COLLEAGUE, CIVIL, HOUSING)] == [True] * 4
    assert [one.seen_by(seer) for seer in (who("x", "counter", "150621002"), who("y", "department", "water"))] == [
        False,
        False,
    ]


@FIRST_OWNER
def test_the_first_owner_stays_on_record_whoever_continues() -> None:
    one = ticket()
    one.tell_missing(COLLEAGUE, 1, ["photo"])
    one.come_again(COLLEAGUE, [1])
    one.end_item(CIVIL, 1, True, "", NOW)
    one.end_item(HOUSING, 2, True, "", NOW)
    assert (one.owner.person, one.owner.post, one.owner.unit) == ("wang", "wang-post", "150621001")


@FIRST_OWNER
def test_missing_papers_are_named_once_and_completely() -> None:
    one = ticket()
    one.tell_missing(COUNTER, 1, ["photo", "lease"])
    with pytest.raises(AskedBefore):
        one.tell_missing(COUNTER, 1, ["one more form"])


@FIRST_OWNER
def test_a_return_visit_is_counted() -> None:
    one = ticket(SERVICES[:1])
    one.tell_missing(COUNTER, 1, ["photo"])
    one.come_again(COUNTER, [1])
    one.end_item(CIVIL, 1, True, "", NOW)
    assert one.pending[-1] == events.TicketClosed(counter="150621001", area=AREA, visits=2)


@FIRST_OWNER
def test_a_visitor_brings_only_what_they_were_told_to_and_brings_it_once() -> None:
    one = ticket()
    one.tell_missing(COUNTER, 1, ["photo"])
    with pytest.raises(NothingToBring):
        one.come_again(COUNTER, [1, 2])
    again = ticket()
    again.tell_missing(COUNTER, 1, ["photo"])
    again.come_again(COUNTER, [1, 1])
    with pytest.raises(NothingToBring):
        again.come_again(COUNTER, [1])
    assert again.visits == 2


@FIRST_OWNER
def test_the_b_post_answers_while_the_first_owner_is_away_and_only_then() -> None:
    backups = [
        Backup(person="zhao", backs="somebody-else", away=((NOW - DAY, NOW + DAY),)),
        Backup(person="li", backs="wang", away=((NOW, NOW + DAY),)),
    ]
    assert who_answers("wang", backups, NOW - timedelta(seconds=1)) == "wang"
    assert who_answers("wang", backups, NOW) == "li"
    assert who_answers("wang", backups, NOW + DAY) == "wang"
    assert who_answers("wang", [], NOW) == "wang"


@pytest.mark.domain("社区会客厅 随时见随事见")
def test_a_ticket_that_becomes_a_case_keeps_its_receipt() -> None:
    chen = who("chen", "community", "150621001")
    one = ticket([("walk-in", "150621001")], by=chen)
    with pytest.raises(WrongRole):
        one.name_case(CIVIL, "C1")
    with pytest.raises(NotYours):
        one.name_case(who("liu", "community", "150621002", "/1506/150621/150621002/"), "C1")
    one.name_case(chen, "C1")
    assert (one.receipt, one.case, one.owner.person) == ("D-7Q2K", "C1", "chen")


@pytest.mark.domain("社区会客厅 随时见随事见")
def test_a_community_worker_serves_their_own_ticket_whatever_unit_manages_their_post() -> None:
    managed = who("chen", "community", "150621001", f"{AREA}150621001007/")
    one = ticket([("card", "civil-affairs")], by=managed, area=managed.area)
    assert one.counter in units_with(managed, Permission.FIND_TICKET)
    one.name_case(managed, "C1")
    one.end_item(managed, 1, True, "", NOW)
    assert one.state == TicketState.CLOSED


@ONE_COUNTER
def test_a_clerks_ticket_belongs_to_the_unit_of_their_post() -> None:
    assert ticket(by=COUNTER).counter == "150621001"
