from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Invalid, NotFound
from services.org.model.administration import NotAdministrator
from services.org.model.settings import Inventory, Settings
from services.org.model.tenant import NotOperator, Tenant
from tests.unit.org.places import someone

USUAL = Settings(name="乌海")


def opened(tenant: str = "wuhai", settings: Settings = USUAL) -> Tenant:
    return Tenant.open(someone("operator", area="", tenant=tenant), "1503", "city", settings)


def test_only_the_operator_opens_a_tenant() -> None:
    with pytest.raises(NotOperator):
        Tenant.open(someone("tenant_admin"), "1503", "city", USUAL)
    assert opened().path == "/1503/"


def test_its_tree_has_a_root_from_the_beginning() -> None:
    top = opened().top()
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
    assert len(data["categories"]) == len(USUAL.all_categories())


def test_changed_settings_are_an_event_and_unchanged_ones_are_not() -> None:
    tenant = opened()
    tenant.pending.clear()
    tenant.change(someone("tenant_admin"), USUAL)
    assert tenant.pending == []
    tenant.change(someone("tenant_admin"), msgspec.structs.replace(USUAL, name="乌海市"))
    assert [event.name for event in tenant.pending] == ["乌海市"]


def test_stored_settings_that_this_version_does_not_know_are_left_out_and_the_others_hold() -> None:
    tenant = opened(settings=msgspec.structs.replace(USUAL, inventories=(Inventory(code="fire", name="消防"),)))
    expected = tenant.current
    tenant.settings["theme"] = "red"
    tenant.settings["calendar"]["lunch"] = "12:00"
    tenant.settings["limits"]["parking"] = {"P1": "2h"}
    tenant.settings["inventories"][0]["colour"] = "red"
    assert tenant.current == expected
    assert tenant.state_event().inventories == expected.inventories


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
    assert tenant.current == USUAL


def test_an_inventory_of_grids_must_be_in_the_settings() -> None:
    tenant = opened(settings=msgspec.structs.replace(USUAL, inventories=(Inventory(code="party-health", name="党建"),)))
    tenant.require_inventory("party-health")
    with pytest.raises(Invalid):
        tenant.require_inventory("fire")
