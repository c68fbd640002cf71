"""回避: a unit learns nothing of a complaint about itself, by whatever it asks and whatever follows from the complaint.

Two worlds take the same steps, but one has the complaint. Nobody of the unit can tell which of the two is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.security.principal import Principal, codes_of
from tests.contract.cases.hidden import world as w
from tests.contract.cases.hidden.kept import Desk
from tests.unit.cases import people as p
from vocabulary.rights import works_under

pytestmark = pytest.mark.domain("The case: Reporters")

PLAIN, COMPLAINT = "plain-Case", "complaint-Case"
COUNTER = p.person("c-9", "counter", p.OTHER_STREET, "150302012", post="counter")
#: Who takes the steps: the first of these whom a step is allowed.
ACTORS = [
    p.CITY_CENTRE, p.CENTRE, p.HOTLINE, p.STREET_STAFF, p.COMMUNITY_STAFF, p.WORKER, p.HOUSING, p.WATER, p.URBAN,
    p.person("inspector", "inspector", p.CITY, "1503"), p.RESIDENT, COUNTER,
]  # fmt: skip
ABOUT_ITSELF: list[tuple[str, dict[str, Any]]] = [
    ("hold_accountable", {"case": COMPLAINT}), ("promise_callback", {"phone": w.PHONE, "case": COMPLAINT}),
    ("name_ticket_case", {"ticket": "ticket-Ticket", "case": COMPLAINT}), ("merge", {"case": COMPLAINT, "into": PLAIN}),
    ("rate", {"case": COMPLAINT, "satisfied": 1}),
    ("convene", {"kind": "talk", "area": p.CITY, "topic": "t", "at": (w.START + p.DAY * 90).isoformat(),
                 "invitees": [{"kind": "residents"}, {"kind": "department", "unit": "water"}], "source": COMPLAINT}),
]  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from([PLAIN, COMPLAINT]), st.sampled_from(w.BESIDE) | st.sampled_from(ABOUT_ITSELF)),
    max_size=8,
)


def people_of(unit: str) -> Iterator[Principal]:
    if unit not in (w.STREET, w.COMMUNITY):
        yield from w.everybody(p.COUNTY, unit)
        yield from w.everybody(p.GRID, unit)
        return
    area = p.STREET if unit == w.STREET else p.COMMUNITY
    yield from w.everybody(area, unit)
    yield from w.everybody(p.GRID, codes_of(p.COMMUNITY)[-1])


def world(about: str, reached: int, beside: list[Any], hours: int, with_complaint: bool) -> tuple[Desk, datetime]:
    desk = Desk(w.directory())
    report = {"category": "streetlight", "place": w.PLACE, "text": "the lamp is dark"}
    services = [{"service": "card", "unit": "water"}, {"service": "permit", "unit": w.STREET}]
    now = w.START
    assert desk.act("plain", now, p.RESIDENT, "report", report) is None
    visit = {"area": p.OTHER_STREET, "services": services, "phone": w.PHONE}
    assert desk.act("ticket", now, COUNTER, "open_ticket", visit) is None
    if with_complaint:
        complaint = report | {"text": "they are rude", "about": about, "reporter": {"phone": w.PHONE}}
        assert desk.act("complaint", now, p.HOTLINE, "report", complaint) is None
    # Nobody of a street or community verifies what is said about it: a centre sends an inspector.
    sent: tuple[str, dict[str, Any]] = ("assign_inspector", {"inspector": "inspector"})
    steps = [(case, step) for step in (sent, *w.LOOP[:reached]) for case in (COMPLAINT, PLAIN)]
    for number, (case, (method, args)) in enumerate([*steps, *beside]):
        now += timedelta(hours=hours)
        named = args if (method, args) in ABOUT_ITSELF else {"case": case, **args}
        actors = [by for by in ACTORS if COMPLAINT not in str(named) or not works_under(by, about)]
        if COMPLAINT in str(named) and not with_complaint:
            # What only refers to the complaint may be there all the same, and refer to nothing.
            if method not in ("promise_callback", "convene"):
                continue
            named = {name: value for name, value in named.items() if value != COMPLAINT}
        any(desk.act(f"step-{number}", now, by, method, named) is None for by in actors)
    desk.add_up(now)
    return desk, now


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    about=st.sampled_from([w.STREET, w.COMMUNITY, "water"]),
    reached=st.integers(0, len(w.LOOP)),
    beside=STEPS,
    hours=st.sampled_from([0, 1, 30]),
    looking=st.data(),
)
def test_no_answer_and_no_event_tells_a_unit_of_a_complaint_about_itself(
    about: str, reached: int, beside: list[Any], hours: int, looking: st.DataObject
) -> None:
    having, now = world(about, reached, beside, hours, with_complaint=True)
    lacking, _ = world(about, reached, beside, hours, with_complaint=False)
    for by in looking.draw(st.permutations(list(people_of(about))))[: w.LOOKING]:
        assert w.told(having, by) == w.told(lacking, by)
        for method, args in w.asked_by_anybody([COMPLAINT]):
            assert (method, having.answer(now, by, method, args)) == (method, lacking.answer(now, by, method, args))
