from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from chassis.errors import Invalid, NotFound
from chassis.security.principal import Principal
from services.org.api.emergencies import Declaration
from services.org.api.settings import FIVE_AND_TWO, EmergencyRules
from services.org.emergencies.model import Emergency, EmergencyEnded, NotCentre
from tests.unit.org.places import someone

MODE = "五防两保, 平战结合"
NOW = datetime(2026, 7, 1, 8, tzinfo=UTC)
COUNTY = "/1503/150302/"
CENTRE = someone("centre", area=COUNTY)


def declared(by: Principal = CENTRE, *, rules: EmergencyRules | None = None, **changes: object) -> Emergency:
    fields = {
        "hazard": "flood",
        "area": f"{COUNTY}150302003/",
        "order": "防汛指挥部令 2026-3",
        "until": NOW + timedelta(days=3),
        "roster": ["duty-1"],
        **changes,
    }
    return Emergency.declare(by, "E1", Declaration(**fields), rules or EmergencyRules(), NOW)  # type: ignore[arg-type]


@pytest.mark.domain(MODE)
def test_the_hazards_are_five_and_two() -> None:
    assert Counter(hazard.kind for hazard in FIVE_AND_TWO) == {"prevent": 5, "secure": 2}
    for hazard in FIVE_AND_TWO:
        assert declared(hazard=hazard.code).hazard == hazard.code
    with pytest.raises(Invalid):
        declared(hazard="asteroid")


@pytest.mark.domain(MODE)
def test_only_the_centre_of_the_area_declares_and_ends() -> None:
    with pytest.raises(NotCentre):
        declared(someone("street", "tenant_admin", area=COUNTY))
    with pytest.raises(NotFound):
        declared(someone("centre", area="/1503/150303/"))
    with pytest.raises(NotCentre):
        declared().end(someone("street", area=COUNTY), NOW)
    with pytest.raises(NotFound):
        declared().end(someone("centre", area="/1503/150303/"), NOW)


@pytest.mark.domain(MODE)
@pytest.mark.parametrize(
    "until",
    [
        NOW,
        NOW - timedelta(seconds=1),
        NOW + timedelta(days=15, seconds=1),
        (NOW + timedelta(days=1)).replace(tzinfo=None),
    ],
)
def test_it_is_time_boxed(until: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        declared(until=until)
    assert refusal.value.data["fields"][0]["field"] == "until"


def test_the_longest_time_is_the_tenants() -> None:
    rules = EmergencyRules(max_days=2)
    assert declared(until=NOW + timedelta(days=2), rules=rules).until == NOW + timedelta(days=2)
    with pytest.raises(Invalid):
        declared(until=NOW + timedelta(days=3), rules=rules)


@pytest.mark.domain(MODE)
def test_it_switches_limits_and_roster() -> None:
    event = msgspec.to_builtins(declared().pending[-1])
    assert event["state"] == "active"
    assert event["limits"]["case"] == {"P2": "12h", "P3": "24h", "P4": "7d"}
    assert event["roster"] == ["duty-1"]


def test_a_limit_of_another_version_does_not_keep_it_from_ending() -> None:
    emergency = declared()
    emergency.limits["parking"] = {"P1": "2h"}
    emergency.expire(emergency.until)
    assert emergency.state_event().limits == EmergencyRules().limits


def test_it_names_the_order_that_authorises_it() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"hazard": "flood", "area": COUNTY, "order": "", "until": NOW}, Declaration)


@pytest.mark.domain(MODE)
def test_it_ends_by_itself_when_its_time_is_over() -> None:
    emergency = declared()
    assert emergency.due_at() == emergency.until
    emergency.expire(emergency.until - timedelta(seconds=1))
    assert emergency.state == "active"
    emergency.expire(emergency.until + timedelta(hours=5))
    assert (emergency.state, emergency.ended) == ("ended", emergency.until)
    assert emergency.pending[-1].state == "ended"
    assert emergency.due_at() is None
    events = len(emergency.pending)
    emergency.expire(emergency.until + timedelta(hours=6))
    assert len(emergency.pending) == events


def test_it_can_be_ended_early_once() -> None:
    emergency = declared()
    emergency.end(CENTRE, NOW + timedelta(hours=1))
    assert emergency.ended == NOW + timedelta(hours=1)
    with pytest.raises(EmergencyEnded):
        emergency.end(CENTRE, NOW + timedelta(hours=2))
