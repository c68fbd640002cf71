from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.org.api.responsibilities import NewEntry, NewWhistleRule
from services.org.responsibilities.model.authority import CUSTOM_POWERS, STANDARD_POWERS, Power, PowerNotHeld
from services.org.responsibilities.model.list_entry import LISTS, ListEntry, NotOnTheList, Overlaps, entry_in_force
from services.org.responsibilities.model.sponsorship import NotSponsored, Sponsorship
from services.org.responsibilities.model.whistle_rule import CALLERS, RuleWithdrawn, WhistleRule, callable_units
from tests.unit.org.people_samples import COMMUNITY, GRID, NOW, STREET
from vocabulary.roles import DUTIES

DAY = timedelta(days=1)
LIST = pytest.mark.domain("网格职责清单, 三张清单 (职责任务/公共服务/属地管理)")
WHISTLE = pytest.mark.domain("社区一吹哨、部门齐报到 (天全), 每月报到")
POWERS = pytest.mark.domain("街道六项权力")
SPONSORS = pytest.mark.domain("领导包联, 网格监督员")


def entry(**changed: Any) -> NewEntry:
    given = {
        "kind": "duties",
        "category": "city_appearance",
        "tier": "street",
        "lead": "urban-management",
        "legal_basis": "《城市市容和环境卫生管理条例》第四条",
    }
    return NewEntry(**{**given, **changed})


def made(*earlier: ListEntry, **changed: Any) -> ListEntry:
    return ListEntry.make("wuhai", entry(**changed), earlier, NOW)


@LIST
def test_one_entry_says_who_leads_at_a_date() -> None:
    first = made(valid_until=NOW + DAY)
    second = made(first, lead="enforcement", valid_from=NOW + DAY)
    lead = [entry_in_force([first, second], "city_appearance", "street", NOW + after).lead for after in (0 * DAY, DAY)]
    assert lead == ["urban-management", "enforcement"]


@LIST
def test_an_entry_for_a_group_holds_for_what_has_no_entry_of_its_own() -> None:
    of_group, own = made(category="event.street"), made(category="event.street.stall", lead="enforcement")
    leads = [
        entry_in_force([of_group, own], category, "street", NOW).lead
        for category in ("event.street.stall", "event.street.noise", "event.street")
    ]
    assert leads == ["enforcement", "urban-management", "urban-management"]


@LIST
@pytest.mark.parametrize("kind", LISTS)
def test_a_second_lead_for_the_same_time_is_refused_on_whichever_list(kind: str) -> None:
    with pytest.raises(Overlaps) as refusal:
        made(made(), kind=kind, lead="enforcement", valid_from=NOW + DAY)
    assert refusal.value.data == {"entry": "city_appearance.street.1", "lead": "urban-management"}


_moments = st.integers(0, 20).map(lambda days: NOW + days * DAY)
_periods = st.tuples(_moments, st.none() | _moments).filter(lambda period: period[1] is None or period[0] < period[1])


@LIST
@given(st.lists(_periods, max_size=6))
def test_two_entries_are_never_in_force_at_the_same_moment(periods: list[tuple[datetime, datetime | None]]) -> None:
    entries: list[ListEntry] = []
    for start, end in periods:
        try:
            entries.append(made(*entries, valid_from=start, valid_until=end))
        except Overlaps:
            continue
    assert len({one.key for one in entries}) == len(entries)
    for day in range(25):
        assert sum(one.in_force(NOW + day * DAY) for one in entries) <= 1


@LIST
def test_an_entry_can_be_ended_but_not_prolonged() -> None:
    one = made(valid_until=NOW + 2 * DAY)
    one.end(NOW + DAY, NOW)
    assert not one.in_force(NOW + DAY)
    with pytest.raises(Invalid):
        one.end(NOW + 2 * DAY, NOW)


@LIST
def test_a_matter_without_an_entry_is_an_error_that_names_category_and_tier() -> None:
    with pytest.raises(NotOnTheList, match="for city_appearance at the county tier"):
        entry_in_force([made()], "city_appearance", "county", NOW)


@LIST
@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("kind", {"kind": "wishes"}),
        ("tier", {"tier": "moon"}),
        ("supporting", {"supporting": ("urban-management",)}),
        ("valid_until", {"valid_until": NOW - DAY}),
    ],
)
def test_an_entry_that_makes_no_sense_names_its_field(field: str, changed: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        made(**changed)
    assert [fault["field"] for fault in refusal.value.data["fields"]] == [field]


def rule(caller: str = "community", **changed: Any) -> WhistleRule:
    asked = NewWhistleRule(**{"caller": caller, "units": ("enforcement", "public-security"), "area": STREET, **changed})
    return WhistleRule.make("yaan", "R-1", asked)


@WHISTLE
def test_the_table_says_who_may_call_whom_for_what_and_where() -> None:
    one = rule(categories=("street_order",))
    assert one.allows("community", "enforcement", "street_order", COMMUNITY)
    assert not one.allows("grid_worker", "enforcement", "street_order", COMMUNITY)
    assert not one.allows("community", "health", "street_order", COMMUNITY)
    assert not one.allows("community", "enforcement", "wages", COMMUNITY)
    assert not one.allows("community", "enforcement", "street_order", "/1503/150303/")


@WHISTLE
def test_a_rule_for_a_group_is_for_every_category_in_it() -> None:
    one = rule(categories=("event.street",))
    assert one.allows("community", "enforcement", "event.street.stall", COMMUNITY)
    assert not one.allows("community", "enforcement", "event.streets", COMMUNITY)


@WHISTLE
def test_a_rule_without_categories_is_for_every_matter() -> None:
    assert rule().allows("community", "enforcement", "wages", GRID)


@WHISTLE
def test_the_table_governs_grid_and_community_and_nobody_else() -> None:
    assert set(CALLERS) == {"grid_worker", "grid_leader", "community"}
    with pytest.raises(Invalid):
        rule("street")


@WHISTLE
def test_a_withdrawn_rule_allows_nothing() -> None:
    one = rule()
    assert callable_units([one], "community", "wages", GRID) == ["enforcement", "public-security"]
    one.withdraw()
    assert callable_units([one], "community", "wages", GRID) == []
    with pytest.raises(RuleWithdrawn):
        one.withdraw()


@POWERS
@pytest.mark.parametrize("power", STANDARD_POWERS)
def test_the_street_holds_the_three_standard_powers_by_default(power: str) -> None:
    Power.blank("dalad", power).require("street")
    with pytest.raises(PowerNotHeld, match="ask one that does: street"):
        Power.blank("dalad", power).require("community")


@POWERS
def test_a_tenant_sets_three_custom_powers_and_not_a_fourth() -> None:
    for place in CUSTOM_POWERS:
        power = Power.blank("dalad", place)
        power.set(["county", "street"], name="decides on funds", name_zh="资金使用决定权")
        assert power.tiers == ["street", "county"]
        power.require("street")
    with pytest.raises(Invalid):
        Power.blank("dalad", "own_4")


@POWERS
def test_nobody_holds_a_custom_power_before_the_tenant_sets_it() -> None:
    with pytest.raises(PowerNotHeld):
        Power.blank("dalad", "own_1").require("street")


@POWERS
def test_a_custom_power_needs_names_and_a_standard_one_keeps_its_name() -> None:
    with pytest.raises(Invalid):
        Power.blank("dalad", "own_1").set(["street"])
    with pytest.raises(Invalid):
        Power.blank("dalad", "propose_appraisal").set(["street"], name="x", name_zh="x")


@SPONSORS
@pytest.mark.parametrize(("kind", "area", "tier"), [("sponsor", STREET, "street"), ("sponsor", COMMUNITY, "community")])
def test_a_leader_sponsors_a_street_or_a_community(kind: Any, area: str, tier: str) -> None:
    one = Sponsorship.blank("dalad", kind, area, tier)
    one.name("U-1")
    one.name("U-2")
    assert (one.subject, one.unit, one.active) == ("U-2", "", True)


@SPONSORS
def test_a_department_oversees_a_grid_and_is_the_unit_of_its_events() -> None:
    one = Sponsorship.blank("dalad", "overseer", GRID, "grid")
    one.name("enforcement")
    assert (one.subject, one.event_units()) == ("", ["enforcement"])


@SPONSORS
@pytest.mark.parametrize(("kind", "area", "tier"), [("sponsor", GRID, "grid"), ("overseer", STREET, "street")])
def test_sponsors_and_overseers_are_refused_at_other_tiers(kind: Any, area: str, tier: str) -> None:
    with pytest.raises(Invalid):
        Sponsorship.blank("dalad", kind, area, tier)


@SPONSORS
def test_a_sponsorship_without_a_holder_cannot_be_ended() -> None:
    with pytest.raises(NotSponsored):
        Sponsorship.blank("dalad", "sponsor", STREET, "street").end()


def test_every_caller_of_the_table_is_a_role() -> None:
    assert set(CALLERS) <= set(DUTIES)
