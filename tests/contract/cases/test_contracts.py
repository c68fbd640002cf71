"""The contract of an event of a case, with the state that it refers to, says what its class says."""

from __future__ import annotations

import msgspec
import pytest

from tests.contract.cases.case_stories import EVENTS
from tests.contract.whole_schemas import whole


@pytest.mark.parametrize("kind", EVENTS)
def test_a_cases_contract_says_what_its_class_says(kind: str) -> None:
    schema = whole(kind)
    defs = schema.pop("$defs")
    own = {name: value for name, value in schema.items() if name not in ("$schema", "$id")}
    assert {own["title"]: own, **defs} == msgspec.json.schema(EVENTS[kind])["$defs"]
