"""Cases is killed between a step and what follows from it in another aggregate: it follows once, after the restart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.integration.cases.test_deliberation import FOUR
from tests.integration.cases.town import COMMUNITY, LAMP, Town
from tests.servers.site import Running, Site
from tests.servers.waiting import wait_for


@pytest.fixture
def own(site: Site) -> Iterator[tuple[Town, Running]]:
    """A town of its own, and its process `cases`, which the test may kill."""
    _, cases = site.start("org", "cases")
    town = Town(site, "kill-town").open()
    yield town, cases
    town.close()


@pytest.mark.domain("民情问需会, 四方共议")
def test_a_decision_leads_to_one_case(own: tuple[Town, Running]) -> None:
    town, cases = own
    convening = {
        "kind": "four_party",
        "area": COMMUNITY,
        "topic": "院内照明",
        "at": town.site.now + timedelta(hours=1),
        "invitees": [{"kind": party} for party in FOUR],
    }
    talk = town.ask("community", "convene", **convening)["id"]
    town.site.advance(timedelta(hours=2))
    town.ask("community", "hold_deliberation", deliberation=talk, present=FOUR, minutes="同意")
    follow_up = {"category": LAMP, "area": COMMUNITY, "text": "增设路灯"}
    town.ask("community", "decide_deliberation", deliberation=talk, decision="增设", follow_up=follow_up)
    for _ in range(3):
        cases.kill()
        cases.restart()
    wait_for(lambda: town.stored("deliberations", case={"$ne": ""}))
    assert town.stored("cases", source=talk) == 1


@pytest.mark.domain("满意度评价→考核→问责")
def test_a_low_rating_leads_to_one_review_and_is_counted_once(own: tuple[Town, Running]) -> None:
    town, cases = own
    case = town.awaiting_rating()
    town.ask("resident", "rate", case=case, solved=True, satisfied=1)
    for _ in range(3):
        cases.kill()
        cases.restart()
    wait_for(lambda: town.stored("reviews"))
    wait_for(lambda: town.stored("case_facts", satisfied=1, stale=False, closed_at={"$ne": None}))
    assert town.stored("reviews", case=case) == 1
    counted = list(town.site.collections("cases")["rollups"].find({"tenant": town.tenant}))
    assert sum(row["counts"].get("satisfied_answered", 0) for row in counted) == 1
    assert sum(row["counts"].get("finished", 0) for row in counted) == 1
