"""The table of roles that org previews is the one that cases enforces."""

from __future__ import annotations

import pytest

from services.org.posts.preview import preview
from vocabulary.roles import DUTIES, HOLDERS, Power


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("power", Power)
def test_org_previews_an_act_for_whom_cases_allows_it(power: Power) -> None:
    lines = preview([(role, "/1503/") for role in DUTIES]).acts
    assert {line.role for line in lines if line.act == power} == HOLDERS[power]


@pytest.mark.domain("Roles")
def test_every_power_is_held_by_some_role() -> None:
    assert all(HOLDERS[power] for power in Power)
