"""The name of a tenant has one form, wherever it is checked; the name of its log follows from it."""

from __future__ import annotations

import msgspec
import pytest

from chassis.messaging.names import log_of
from chassis.persistence.aggregate import Aggregate
from chassis.persistence.collections import TenantCollections
from chassis.types import TENANT, Tenant

BAD = ["", "w", "Wuhai", "9city", "-city", "wu hai", "wuhai\n", "wu.hai", "wu_hai", "乌海", "w" * 32]
GOOD = ["wu", "wuhai", "wu-hai-2", "w" * 31]
COLLECTIONS = TenantCollections("mongodb://127.0.0.1:1", "sample", {}, "majority", [])


class Named(Aggregate):
    meta = {"collection": "named"}


@pytest.mark.parametrize("name", GOOD)
def test_a_check_a_schema_and_the_database_take_the_name_of_a_tenant(name: str) -> None:
    assert TENANT.fullmatch(name)
    assert msgspec.convert(name, Tenant) == name
    assert COLLECTIONS.of(name, Named).pymongo.name == "named"


@pytest.mark.parametrize("name", BAD)
def test_neither_a_check_nor_a_schema_nor_the_database_takes_another_name(name: str) -> None:
    assert not TENANT.fullmatch(name)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(name, Tenant)
    with pytest.raises(ValueError, match="not a tenant's name"):
        COLLECTIONS.of(name, Named)


def test_the_log_of_a_tenant_is_named_after_it() -> None:
    assert log_of("wuhai") == "log.wuhai"
