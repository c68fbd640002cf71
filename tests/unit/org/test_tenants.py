from __future__ import annotations

import copy
import json
from datetime import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid, NotFound
from services.org.administrators import NotAdministrator
from services.org.api.settings import Inventory, Limits, Settings
from services.org.tenants.model.categories import with_standard
from services.org.tenants.model.tenant import MayNotOpenTenant, Tenant
from tests.unit.org.places import someone
from vocabulary.calendars import Calendar

USUAL = Settings(name="乌海")


def opened(tenant: str = "wuhai", settings: Settings = USUAL) -> Tenant:
    return Tenant.open(someone("operator", area="", tenant=tenant), "1503", "city", settings)


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
    tenant.change(someone("tenant_admin"), USUAL)
    assert tenant.pending == []
    tenant.change(someone("tenant_admin"), msgspec.structs.replace(USUAL, name="乌海市"))
    assert [event.name for event in tenant.pending] == ["乌海市"]


def test_settings_of_a_call_are_compared_by_value() -> None:
    """The RPC server makes the arguments of a call a subclass of the form."""
    brought = msgspec.defstruct("change_settings", [], bases=(Settings,), frozen=True, kw_only=True)(name=USUAL.name)
    tenant = opened()
    tenant.pending.clear()
    tenant.change(someone("tenant_admin"), brought)
    assert tenant.pending == []


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
    stored["limits"] = {"parking": {"P1": "2h"}, "case": {"P0": "1h", "P1": "2h"}}
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
    tenant.change(someone("tenant_admin"), msgspec.structs.replace(tenant.current_settings, name="乌海市"))
    assert tenant.settings == {**stored, "name": "乌海市"}


def test_a_change_of_settings_from_an_earlier_version_leaves_missing_ones_at_their_defaults() -> None:
    tenant = later()
    for name in ("retention", "languages"):
        del tenant.settings[name]
    tenant.change(someone("tenant_admin"), msgspec.structs.replace(tenant.current_settings, name="乌海市"))
    assert tenant.current_settings.retention == USUAL.retention
    assert tenant.current_settings.languages == USUAL.languages


def test_settings_beside_a_change_stay_as_a_later_version_stored_them() -> None:
    tenant = later()
    stored, read = copy.deepcopy(tenant.settings), tenant.current_settings
    wanted = msgspec.structs.replace(
        read,
        limits=msgspec.convert({"case": {"P1": "4h"}}, Limits),
        calendar=msgspec.structs.replace(read.calendar, opens=time(8)),
        inventories=(Inventory(code="party", name="党建"), Inventory(code="fire", name="消防网格")),
        emergency=msgspec.structs.replace(read.emergency, hazards=read.emergency.hazards[:1]),
    )
    tenant.change(someone("tenant_admin"), wanted)
    assert tenant.current_settings == wanted
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
    wanted = msgspec.structs.replace(
        tenant.current_settings,
        inventories=(Inventory(code="party", name="党建"), Inventory(code="fire", name="消防")),
        languages=("en", "zh-CN"),
    )
    tenant.change(someone("tenant_admin"), wanted)
    turned = msgspec.structs.replace(wanted, inventories=wanted.inventories[::-1], languages=wanted.languages[::-1])
    tenant.change(someone("tenant_admin"), turned)
    assert tenant.current_settings == turned
    assert tenant.settings["languages"] == ["zh-CN", "en", "mn"]


def test_a_caller_may_change_settings_of_a_later_version_and_remove_known_ones() -> None:
    tenant = later()
    read = tenant.current_settings
    none = msgspec.structs.replace(read.calendar, holidays="none")
    wanted = msgspec.structs.replace(read, calendar=none, inventories=(), limits=Limits(), languages=("en",))
    tenant.change(someone("tenant_admin"), wanted)
    assert tenant.current_settings == wanted
    assert tenant.settings["calendar"]["holidays"] == "none"
    assert tenant.settings["inventories"] == []
    assert tenant.settings["limits"] == {"parking": {"P1": "2h"}}
    assert tenant.settings["languages"] == ["en", "mn"]


def test_only_an_administrator_of_the_whole_tenant_changes_its_settings() -> None:
    with pytest.raises(NotAdministrator):
        opened().change(someone("centre"), USUAL)
    with pytest.raises(NotFound):
        opened().change(someone("tenant_admin", area="/1503/150302/"), USUAL)


def test_wrong_settings_are_refused_whole() -> None:
    twice = (Inventory(code="party-health", name="党建+卫生网格"),) * 2
    tenant = opened()
    with pytest.raises(Invalid):
        tenant.change(someone("tenant_admin"), msgspec.structs.replace(USUAL, inventories=twice))
    assert tenant.current_settings == USUAL


def test_an_inventory_of_grids_must_be_in_the_settings() -> None:
    tenant = opened(settings=msgspec.structs.replace(USUAL, inventories=(Inventory(code="party-health", name="党建"),)))
    tenant.require_inventory("party-health")
    with pytest.raises(Invalid):
        tenant.require_inventory("fire")
