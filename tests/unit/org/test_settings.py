from __future__ import annotations

from datetime import date, time

import msgspec
import pytest

from chassis.errors import Invalid
from services.org.api.settings import Category, Features, Hazard, Inventory, Settings
from services.org.tenants.model.categories import STANDARD, with_standard
from vocabulary.calendars import Calendar
from vocabulary.care import COLOURS, NEEDS, CardColour, Care
from vocabulary.reading import UnusualReading


def settings(**changes: object) -> Settings:
    return msgspec.structs.replace(Settings(name="乌海"), **changes)


def refused_fields(wrong: Settings) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        wrong.check()
    return {field["field"] for field in refusal.value.data["fields"]}


def test_the_defaults_are_valid_and_survive_storage() -> None:
    usual = Settings(name="乌海")
    usual.check()
    assert msgspec.convert(msgspec.to_builtins(usual), Settings) == usual


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (settings(calendar=Calendar(zone="Asia/Beijing")), "calendar.zone"),
        (settings(calendar=Calendar(opens=time(17), closes=time(9))), "calendar.closes"),
        (
            settings(calendar=Calendar(days_off=(date(2026, 5, 1),), working_days=(date(2026, 5, 1),))),
            "calendar.working_days",
        ),
        (settings(care=Care(needs=NEEDS[:1] * 2)), "care.needs"),
        (settings(care=Care(colours=COLOURS[:1] * 2)), "care.colours"),
        (
            settings(unusual_reading=UnusualReading(day_from=time(20), day_until=time(8))),
            "unusual_reading.day_until",
        ),
        (settings(inventories=(Inventory(code="party", name="a"), Inventory(code="party", name="b"))), "inventories"),
    ],
)
def test_a_setting_that_contradicts_another_is_named(wrong: Settings, field: str) -> None:
    assert refused_fields(wrong) == {field}


def test_a_name_of_blanks_alone_is_refused_and_can_be_read() -> None:
    blank = settings(
        name=" ",
        inventories=(Inventory(code="party", name="\u3000"),),
        categories=(Category(code="event.appearance.sandstorm", zh="沙尘", en="\t"),),
        care=Care(colours=(CardColour(code="red", zh="\u3000", en="Needs help"),)),
    )
    assert refused_fields(blank) == {"name", "inventories", "categories", "care"}
    assert msgspec.convert(msgspec.to_builtins(blank), Settings) == blank


def test_every_wrong_setting_is_named_at_once() -> None:
    twice = (Hazard(code="flood", kind="prevent", name="防汛"),) * 2
    rules = msgspec.structs.replace(Settings(name="乌海").emergency, hazards=twice)
    wrong = settings(calendar=Calendar(zone="nowhere"), emergency=rules)
    assert refused_fields(wrong) == {"calendar.zone", "emergency.hazards"}


def test_managed_residents_stay_off_until_a_statute_is_named() -> None:
    assert not Settings(name="乌海").features.managed_residents
    assert refused_fields(settings(features=Features(managed_residents=True))) == {"features.managed_residents_statute"}
    settings(features=Features(managed_residents=True, managed_residents_statute="社区矫正法 第二条")).check()


@pytest.mark.domain("五色户卡")
def test_a_tenant_has_five_colours_of_cards_until_it_sets_their_meaning_and_rhythm() -> None:
    assert [colour.code for colour in Care().colours] == ["red", "yellow", "blue", "green", "orange"]
    settings(care=Care(colours=(CardColour(code="gold", zh="荣誉户", en="Honoured", visit_every=366),))).check()


@pytest.mark.parametrize(
    "care",
    [
        {"colours": []},
        {"needs": []},
        {"needs": [{"code": "life", "zh": "生活", "en": "Life", "visit_every": 367}]},
        {"colours": [{"code": "Red", "zh": "红", "en": "Red"}]},
        {"raise_after": 0},
        {"raise_after": 61},
    ],
)
def test_care_has_bounds(care: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(care, Care)


@pytest.mark.parametrize(
    "limits",
    [
        {"case": {"P5": "1h"}},
        {"case": {"P1": "2 hours"}},
        {"case": {"P1": "0h"}},
        {"case": {"P4": "1000d"}},
        {"cases": {"P1": "2h"}},
        {"case": 2},
    ],
)
def test_limits_have_a_shape(limits: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"name": "乌海", "limits": limits}, Settings)


def test_a_tenant_extends_the_standard_categories_and_may_replace_one() -> None:
    own = Category(code="event.appearance.sandstorm", zh="沙尘", en="Sandstorm", priority="P2")
    raised = Category(code="event.appearance.noise", zh="噪声扰民", en="Noise", priority="P2")
    categories = {category.code: category for category in with_standard(settings(categories=(own, raised)).categories)}
    assert len(categories) == len(STANDARD) + 1
    assert categories[own.code] == own
    assert categories[raised.code].priority == "P2"


def test_the_standard_has_the_groups_of_gb_t_30428_and_those_beside_it() -> None:
    groups = {category.code.rpartition(".")[0] for category in STANDARD}
    assert {group for group in groups if group.startswith("component")} == {
        f"component.{group}" for group in ("utility", "road", "appearance", "greenery", "other")
    }
    assert {group for group in groups if group.startswith("event")} == {
        f"event.{group}" for group in ("appearance", "advertising", "construction", "emergency", "street")
    }
    assert {group for group in groups if group.startswith("dispute")} == {
        f"dispute.{group}" for group in ("neighbour", "labour", "property", "demolition")
    }
    assert {group for group in groups if group.startswith("service")} == {
        f"service.{group}" for group in ("mediation", "care", "policy")
    }
    codes = [category.code for category in STANDARD]
    assert len(codes) == len(set(codes))
    msgspec.convert(msgspec.to_builtins(STANDARD), list[Category])


def test_claims_to_wages_are_personal_and_have_no_place_to_look_at() -> None:
    wages = next(category for category in STANDARD if category.code == "dispute.labour.wages")
    assert wages.personal
    assert not wages.on_site
    assert [category.code for category in STANDARD if category.personal] == [wages.code]
