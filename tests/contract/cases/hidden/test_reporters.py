"""Nobody but intake and callback can tell who reports confidentially or anonymously, nor what they wrote.

Two worlds take the same steps, but somebody else reports, in other words.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from chassis.security.principal import Principal
from services.cases.case.model.case import Case
from tests.contract.cases.hidden import world as w
from tests.contract.cases.hidden.kept import Desk
from tests.unit.cases import people as p

pytestmark = pytest.mark.domain("The case: Reporters")

CASE, OTHER = "hidden-Case", "other-Case"
#: Each pair could be the reporter. Staff may live here too: their post would tell who they are.
REPORTERS = {
    "residents": (p.RESIDENT, p.NEIGHBOUR),
    "staff": (
        p.person("r-1", "resident", p.GRID, "water", "grid_worker", post="post-1"),
        p.person("r-2", "resident", p.COMMUNITY, "150302011001", "community", post="post-2"),
    ),
    "by the counter": (p.COUNTER, p.COUNTER),
    "by a grid worker": (p.WORKER, p.WORKER),
    "by the hotline": (p.HOTLINE, p.HOTLINE),
}
ACTORS = [
    p.WORKER, p.LEADER, p.COMMUNITY_STAFF, p.STREET_STAFF, p.CENTRE, p.HOUSING, p.WATER, p.INSPECTOR, p.COUNTER,
    p.HOTLINE,
]  # fmt: skip
MORE: list[tuple[str, dict[str, Any]]] = [
    ("report", {}), ("comment", {"text": "t"}), ("promise_callback", {"phone": w.PHONE, "case": CASE}),
]  # fmt: skip
STEPS = st.lists(st.sampled_from(w.BESIDE) | st.sampled_from(MORE), max_size=8)


def viewers(taker: Principal) -> Iterator[Principal]:
    """Everybody outside intake and callback, whatever purpose they name; the hotline without one."""
    colleague = p.person("c-2", "counter", p.COMMUNITY, "150302011001", post="post-counter")
    for by in (*ACTORS, colleague, p.CITY_CENTRE, p.SUPERVISOR, p.ADMIN, p.COURIER):
        if by.subject != taker.subject or by.has("hotline"):
            yield by if by.has("hotline") else replace(by, purposes=w.ALL_PURPOSES)


def world(kind: str, which: int, hidden: str, reached: int, beside: list[Any]) -> tuple[Desk, datetime]:
    desk = Desk(w.directory())
    by, now = REPORTERS[kind][which], w.START
    report: dict[str, Any] = {
        "category": "streetlight", "place": w.PLACE, "confidentiality": hidden, "text": ("secret", "hush")[which],
    }  # fmt: skip
    if not by.has("resident"):
        report["reporter"] = {"name": ("Wang", "Zhao")[which], "phone": (w.PHONE, "13900000002")[which]}
    other = {name: report[name] for name in ("category", "place")} | {"text": "the lamp is dark"}
    assert desk.act("other", now, p.person("r-3", "resident"), "report", other) is None
    assert desk.act("hidden", now, by, "report", report) is None
    party = cast(Any, desk.records[Case, CASE]).parties[0].person
    for number, (method, args) in enumerate([*w.LOOP[:reached], *beside]):
        now += timedelta(hours=1)
        named = {"case": CASE, **args} | ({"person": party} if "person" in args else {})
        if method == "report":
            desk.act(f"step-{number}", now, by, "report", report | {"text": ("hidden", "veiled")[which]})
            continue
        actors = [*ACTORS, p.person(party, "resident")]
        if method == "comment":
            actors.reverse()
        any(desk.act(f"step-{number}", now, actor, method, named) is None for actor in actors)
    desk.add_up(now)
    return desk, now


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(
    kind=st.sampled_from(sorted(REPORTERS)),
    hidden=st.sampled_from(["confidential", "anonymous"]),
    reached=st.integers(0, len(w.LOOP)),
    beside=STEPS,
    looking=st.data(),
)
def test_no_answer_and_no_event_tells_who_a_hidden_reporter_is_or_what_they_wrote(
    kind: str, hidden: str, reached: int, beside: list[Any], looking: st.DataObject
) -> None:
    one, now = world(kind, 0, hidden, reached, beside)
    other, _ = world(kind, 1, hidden, reached, beside)
    for by in looking.draw(st.permutations(list(viewers(REPORTERS[kind][0]))))[: w.LOOKING]:
        assert w.told(one, by) == w.told(other, by)
        for method, args in w.asked_by_anybody([CASE, OTHER]):
            if by.has("hotline") and {"person", "reporter"} & args.keys():
                continue  # it acts for whoever is on the line
            assert (method, one.answer(now, by, method, args)) == (method, other.answer(now, by, method, args))
