"""Sealed values and key rotation on a real database."""

from __future__ import annotations

from typing import Any

import pytest

from tests.servers.site import Site
from tests.unit.chassis.test_crypto import (  # noqa: F401  # the suite that the fake passes too
    clock,
    ring,
    test_a_key_put_in_the_place_of_another_tenants_does_not_open,
    test_a_replica_that_loses_the_race_for_the_first_key_takes_the_winners,
    test_a_replica_that_loses_the_race_for_the_index_key_takes_the_winners,
    test_a_value_whose_key_is_gone_says_which,
    test_another_replica_opens_a_new_key_at_once_and_seals_with_it_within_a_minute,
    test_blind_indexes_differ_by_tenant_and_kind_and_hold_after_a_restart,
    test_the_database_alone_opens_nothing,
    test_what_is_stored_of_a_key_does_not_hold_the_key,
    test_with_a_second_key_new_values_use_it_and_old_ones_still_open,
)
from tests.unit.chassis.test_key_rotation import (  # noqa: F401
    rotating,
    sealed,
    test_a_second_time_changes_nothing,
    test_afterwards_the_old_root_keys_open_nothing,
    test_before_and_after_the_keys_went_over_everything_opens,
)


@pytest.fixture
def collection(site: Site) -> Any:
    return site.collections("cases")["keys"]
