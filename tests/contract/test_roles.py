"""The table of roles that org shows is the one that cases enforces."""

from __future__ import annotations

import pytest

from services.cases.case.model import permissions
from services.org.posts import roles

ORGS_OWN = {"read_supervision", "administer"}


@pytest.mark.domain("Roles")
@pytest.mark.parametrize("power", permissions.Power)
def test_org_previews_an_act_for_whom_cases_allows_it(power: permissions.Power) -> None:
    shown = {name for name, role in roles.ROLES.items() if power in [each.act for each in role.permissions]}
    assert shown == permissions.ROLES[power]


@pytest.mark.domain("Roles")
def test_every_act_that_org_shows_is_enforced_by_cases_or_is_orgs_own() -> None:
    assert set(roles.ACTS) - ORGS_OWN == {str(power) for power in permissions.Power}
