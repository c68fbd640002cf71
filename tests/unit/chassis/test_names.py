"""The name of a tenant has one form, wherever it is checked; the name of its log follows from it."""

from __future__ import annotations

import msgspec
import pytest

from chassis.messaging.names import log_of
from chassis.persistence.collections import TenantCollections
from chassis.types import TENANT, Tenant
from services.org.tenants.model import tenant as org

BAD = ["", "w", "Wuhai", "9city", "-city", "wu hai", "wuhai\n", "wu.hai", "wu_hai", "乌海", "w" * 32]
GOOD = ["wu", "wuhai", "wu-hai-2", "w" * 31]
COLLECTIONS = TenantCollections("mongodb://127.0.0.1:1", "org", {}, "majority", [])


@pytest.mark.parametrize("name", GOOD)
def test_a_check_a_schema_and_the_database_take_the_name_of_a_tenant(name: str) -> None:
    assert TENANT.fullmatch(name)
    assert msgspec.convert(name, Tenant) == name
    assert COLLECTIONS.of(name, org.Tenant).pymongo.name == "tenants"


@pytest.mark.parametrize("name", BAD)
def test_neither_a_check_nor_a_schema_nor_the_database_takes_another_name(name: str) -> None:
    assert not TENANT.fullmatch(name)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(name, Tenant)
    with pytest.raises(ValueError, match="not a tenant's name"):
        COLLECTIONS.of(name, org.Tenant)


def test_the_log_of_a_tenant_is_named_after_it() -> None:
    assert log_of("wuhai") == "log.wuhai"
