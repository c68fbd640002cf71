"""The contracts of org's events leave nothing open to those who copy its records."""

from __future__ import annotations

import pytest

from tests.contract.org.stories import EVENTS
from tests.contract.whole_schemas import whole


@pytest.mark.parametrize("kind", EVENTS)
def test_a_state_of_org_leaves_no_field_out(kind: str) -> None:
    """A copy replaces what it has field by field: a value that was taken away must be seen to be gone."""
    schema = whole(kind)
    assert set(schema["required"]) == set(schema["properties"])
