from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid
from services.org.administrators import NotAdministrator
from services.org.api.settings import Category, Inventory, Limits, Settings
from services.org.api.tenants import SettingChange
from services.org.tenants.model.categories import STANDARD, with_standard
from services.org.tenants.model.tenant import MayNotOpenTenant, Tenant
from tests.unit.org.places import someone
from vocabulary.calendars import Calendar

USUAL = Settings(name="乌海")


def opened(tenant: str = "wuhai", settings: Settings = USUAL) -> Tenant:
    return Tenant.open(someone("operator", area="", tenant=tenant), "1503", "city", settings)


def change(tenant: Tenant, used: tuple[str, ...] = (), **patch: Any) -> list[SettingChange]:
    """Changes settings as an administrator. `used`: the codes that something still uses."""
    return tenant.change(someone("tenant_admin"), patch, lambda _, code: code in used)


def test_only_the_operator_opens_a_tenant() -> None:
    with pytest.raises(MayNotOpenTenant):
        Tenant.open(someone("tenant_admin"), "1503", "city", USUAL)
    assert opened().path == "/1503/"


def test_its_tree_has_a_root_from_the_beginning() -> None:
    top = opened().root_division()
    assert (top.key, top.tier, top.path, top.name) == ("1503", "city", "/1503/", "乌海")
    with pytest.raises(Invalid):
        Tenant.open(someone("operator", area=""), "1503", "county", USUAL)


@given(st.text(max_size=40))
def test_an_id_is_a_slug_that_begins_with_a_letter(name: str) -> None:
    slug = 2 <= len(name) <= 31 and name[0] in "abcdefghijklmnopqrstuvwxyz"
    if slug and all(character in "abcdefghijklmnopqrstuvwxyz0123456789-" for character in name):
        assert opened(name).key == name
    else:
        with pytest.raises(Invalid):
            opened(name)


def test_the_event_carries_all_settings_with_the_standard_categories() -> None:
    [event] = opened().pending
    assert event == opened().state_event()
    data = msgspec.to_builtins(event)
    assert set(data) == {"id", "root", "path", *(set(msgspec.to_builtins(USUAL)))}
    assert len(data["categories"]) == len(with_standard(USUAL.categories))


def test_changed_settings_are_an_event_and_unchanged_ones_are_not() -> None:
    tenant = opened()
    tenant.pending.clear()
    assert change(tenant, name=USUAL.name) == []
    assert tenant.pending == []
    assert change(tenant, name="乌海市") == [SettingChange(setting="name", previous="乌海", current="乌海市")]
    assert [event.name for event in tenant.pending] == ["乌海市"]


def test_what_is_shown_is_accepted_back_and_changes_nothing() -> None:
    own = Category(code="event.appearance.sandstorm", zh="沙尘", en="Sandstorm")
    limits = msgspec.convert({"case": {"P3": "5wd"}}, Limits)
    tenant = opened(settings=msgspec.structs.replace(USUAL, categories=(own,), limits=limits))
    stored = copy.deepcopy(tenant.settings)
    tenant.pending.clear()
    assert change(tenant, **json.loads(json.dumps(tenant.shown())), version=tenant.version) == []
    assert (tenant.settings, tenant.pending) == (stored, [])


def test_every_default_is_shown_and_null_returns_to_it() -> None:
    tenant = opened(settings=msgspec.structs.replace(USUAL, limits=msgspec.convert({"case": {"P3": "5wd"}}, Limits)))
    shown = tenant.shown()
    assert shown["limits"]["case"] == {"P1": "2h", "P2": "24h", "P3": "5wd", "P4": "15d"}
    assert shown["limits"]["appeal"] == "3d"
    assert len(shown["categories"]) == len(STANDARD)
    assert change(tenant, limits={"case": {"P3": None}}, calendar={"opens": "08:30:00"}) == [
        SettingChange(setting="limits.case.P3", previous="5wd", current="7d"),
        SettingChange(setting="calendar.opens", previous="09:00:00", current="08:30:00"),
    ]
    assert tenant.settings["limits"] == {}
    assert change(tenant, calendar=None) == [
        SettingChange(setting="calendar.opens", previous="08:30:00", current="09:00:00"),
    ]


def test_one_section_changes_and_no_other_moves() -> None:
    tenant = opened(settings=msgspec.structs.replace(USUAL, limits=msgspec.convert({"appeal": "2d"}, Limits)))
    before = tenant.shown()
    change(tenant, emergency={"max_days": 7})
    assert tenant.shown() == {**before, "emergency": {**before["emergency"], "max_days": 7}}


def test_a_limit_set_to_its_default_is_not_stored() -> None:
    tenant = opened()
    change(tenant, limits={"case": {"P3": "5wd"}, "appeal": "2d"})
    change(tenant, limits={"case": {"P3": "7d"}, "appeal": "3d"})
    assert tenant.settings["limits"] == {}
    assert tenant.state_event().limits == Limits()


def refused(tenant: Tenant, used: tuple[str, ...] = (), **patch: Any) -> dict[str, str]:
    stored = copy.deepcopy(tenant.settings)
    with pytest.raises(Invalid) as refusal:
        change(tenant, used, **patch)
    assert tenant.settings == stored
    return {field["field"]: field["reason"]["en"] for field in refusal.value.data["fields"]}


def test_a_category_is_never_removed_and_can_be_retired() -> None:
    tenant = opened()
    categories = tenant.shown()["categories"]
    noise = "event.appearance.noise"
    others = [each for each in categories if each["code"] != noise]
    assert "retired" in refused(tenant, categories=others)[f"categories.{noise}"]
    retired = [{**each, "retired": True} if each["code"] == noise else each for each in categories]
    assert change(tenant, categories=retired) == [
        SettingChange(setting=f"categories.{noise}.retired", previous=False, current=True)
    ]
    assert [each.code for each in tenant.current_settings.categories] == [noise]
    event = {each.code: each for each in tenant.state_event().categories}
    assert (len(event), event[noise].retired) == (len(STANDARD), True)


def test_what_is_in_use_is_not_taken_away_and_what_is_not_in_use_is() -> None:
    tenant = opened(settings=msgspec.structs.replace(USUAL, inventories=(Inventory(code="fire", name="消防"),)))
    hazards = [each for each in tenant.shown()["emergency"]["hazards"] if each["code"] != "flood"]
    taken = {"inventories": [], "emergency": {"hazards": hazards}}
    assert set(refused(tenant, ("fire", "flood"), **taken)) == {"inventories.fire", "emergency.hazards.flood"}
    assert {each.setting for each in change(tenant, **taken)} == {"inventories.fire", "emergency.hazards.flood"}


@pytest.mark.parametrize(
    ("patch", "field", "words"),
    [
        ({"limits": {"case": {"P3": "soon"}}}, "limits.case.P3", "a span: 30min, 2h"),
        ({"calendar": {"opens": "9 o'clock"}}, "calendar.opens", "a time of day like 09:00:00"),
        ({"calendar": {"zone": "Wuhai"}}, "calendar.zone", "an IANA time zone"),
        ({"calender": {}}, "calender", "no such field"),
        ({"name": None}, "name", "missing"),
        ({"root": "1504"}, "root", "cannot be changed"),
        ({"version": 9}, "version", "cannot be changed"),
        ({"categories": [{"code": "noise", "zh": "噪声", "en": "Noise"}]}, "categories.0.code", "event.street.noise"),
        ({"inventories": [{"code": "No!", "name": "x"}]}, "inventories.0.code", "lower-case letters"),
        ({"features": {"managed_residents": True}}, "features.managed_residents_statute", "name the statute"),
    ],
)
def test_a_bad_value_is_named_in_words(patch: dict[str, Any], field: str, words: str) -> None:
    assert words in refused(opened(), **patch)[field]


def test_unknown_stored_settings_are_ignored_and_the_others_apply() -> None:
    tenant = opened(settings=msgspec.structs.replace(USUAL, inventories=(Inventory(code="fire", name="消防"),)))
    expected = tenant.current_settings
    tenant.settings["theme"] = "red"
    tenant.settings["calendar"]["lunch"] = "12:00"
    tenant.settings["limits"]["parking"] = {"P1": "2h"}
    tenant.settings["inventories"][0]["colour"] = "red"
    assert tenant.current_settings == expected
    assert tenant.state_event().inventories == expected.inventories


def later() -> Tenant:
    """Returns a tenant whose settings a later version stored, with fields and codes that this one does not know."""
    tenant = opened(settings=msgspec.structs.replace(USUAL, inventories=(Inventory(code="fire", name="消防"),)))
    stored = json.loads(msgspec.json.encode(tenant.settings))
    stored["theme"] = "red"
    stored["languages"] = ["zh-CN", "mn"]
    stored["calendar"] |= {"holidays": "mongolia", "lunch": "12:00"}
    stored["limits"] = {"parking": {"P1": "2h"}, "case": {"P0": "1h", "P1": "3h"}}
    stored["inventories"][0]["colour"] = "red"
    stored["categories"] = [{"code": "event.street.drone", "zh": "无人机", "en": "Drone", "priority": "P0"}]
    stored["emergency"]["hazards"] += [{"code": "heat", "kind": "watch", "name": "高温"}]
    tenant.settings = stored
    return tenant


def test_unknown_codes_are_read_as_defaults_and_never_make_settings_unreadable() -> None:
    read = later().current_settings
    assert read.languages == ("zh-CN",)
    assert read.calendar == Calendar()
    assert read.categories[0].priority == "P3"
    assert read.emergency == USUAL.emergency
    alone = later()
    alone.settings["languages"] = ["mn"]
    alone.settings["emergency"]["hazards"] = [{"code": "heat", "kind": "watch", "name": "高温"}]
    assert (alone.current_settings.languages, alone.current_settings.emergency) == (USUAL.languages, USUAL.emergency)


def test_a_change_keeps_unknown_settings_that_a_later_version_stored() -> None:
    tenant = later()
    stored = copy.deepcopy(tenant.settings)
    change(tenant, name="乌海市")
    assert tenant.settings == {**stored, "name": "乌海市"}


def test_a_change_of_settings_from_an_earlier_version_leaves_missing_ones_at_their_defaults() -> None:
    tenant = later()
    for name in ("retention", "languages"):
        del tenant.settings[name]
    change(tenant, name="乌海市")
    assert tenant.current_settings.retention == USUAL.retention
    assert tenant.current_settings.languages == USUAL.languages


def test_settings_beside_a_change_stay_as_a_later_version_stored_them() -> None:
    tenant = later()
    stored = copy.deepcopy(tenant.settings)
    change(
        tenant,
        limits={"case": {"P1": "4h"}},
        calendar={"opens": "08:00:00"},
        inventories=[{"code": "party", "name": "党建"}, {"code": "fire", "name": "消防网格"}],
        emergency={"hazards": tenant.shown()["emergency"]["hazards"][:1]},
    )
    assert tenant.settings["limits"] == {"parking": {"P1": "2h"}, "case": {"P0": "1h", "P1": "4h"}}
    assert tenant.settings["calendar"] == {**stored["calendar"], "opens": "08:00:00"}
    assert tenant.settings["inventories"] == [
        {"code": "party", "name": "党建"},
        {"code": "fire", "name": "消防网格", "colour": "red"},
    ]
    assert [hazard["code"] for hazard in tenant.settings["emergency"]["hazards"]] == ["flood", "heat"]
    assert (tenant.settings["theme"], tenant.settings["languages"]) == ("red", ["zh-CN", "mn"])


def test_a_change_of_order_alone_is_stored() -> None:
    tenant = later()
    inventories = [{"code": "party", "name": "党建"}, {"code": "fire", "name": "消防"}]
    change(tenant, inventories=inventories, languages=["en", "zh-CN"])
    change(tenant, inventories=inventories[::-1], languages=["zh-CN", "en"])
    assert [each.code for each in tenant.current_settings.inventories] == ["fire", "party"]
    assert tenant.settings["languages"] == ["zh-CN", "en", "mn"]


def test_a_caller_may_change_settings_of_a_later_version_and_remove_known_ones() -> None:
    tenant = later()
    change(tenant, calendar={"holidays": "none"}, inventories=[], limits={"case": None}, languages=["en"])
    assert tenant.settings["calendar"]["holidays"] == "none"
    assert tenant.settings["inventories"] == []
    assert tenant.settings["limits"] == {"parking": {"P1": "2h"}, "case": {"P0": "1h"}}
    assert tenant.settings["languages"] == ["en", "mn"]


def test_only_the_operator_and_an_administrator_of_the_whole_tenant_change_its_settings() -> None:
    patch = {"name": "乌海市"}
    with pytest.raises(NotAdministrator):
        opened().change(someone("centre"), patch, unused)
    with pytest.raises(NotAdministrator):
        opened().change(someone("tenant_admin", area="/1503/150302/"), patch, unused)
    assert opened().change(someone("operator", area=""), patch, unused)


def unused(field: str, code: str) -> bool:
    return False


def test_wrong_settings_are_refused_whole() -> None:
    assert set(refused(opened(), name="乌海市", inventories=[{"code": "party", "name": "党建"}] * 2)) == {"inventories"}


def test_an_inventory_of_grids_must_be_in_the_settings() -> None:
    tenant = opened(settings=msgspec.structs.replace(USUAL, inventories=(Inventory(code="party-health", name="党建"),)))
    tenant.require_inventory("party-health")
    with pytest.raises(Invalid):
        tenant.require_inventory("fire")
