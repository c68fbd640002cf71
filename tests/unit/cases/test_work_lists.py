"""Which work lists a role has."""

from __future__ import annotations

from typing import Any

import pytest

from services.cases.case.work_lists import LISTS, NoSuchList, work_list_of
from tests.unit.cases import people as p


@pytest.mark.domain("Roles: work lists")
def test_unscreened_reports_wait_for_the_hotline_and_for_whoever_took_them() -> None:
    def waiting(by: p.Principal) -> list[dict[str, Any]]:
        return [where for where in work_list_of("to_do", by)["$or"] if "screened" in where]

    assert ["first_person" in where for where in waiting(p.HOTLINE)] == [False]
    assert [where["first_person"] for where in waiting(p.COUNTER)] == ["c-1"]
    assert [where["first_person"] for where in waiting(p.STREET_STAFF)] == ["s-1"]
    assert waiting(p.URBAN) == []


@pytest.mark.domain("Roles: work lists")
def test_a_role_without_a_to_do_list_gets_the_lists_it_has() -> None:
    with pytest.raises(NoSuchList) as refused:
        work_list_of("to_do", p.SUPERVISOR)
    assert refused.value.status == 403
    assert refused.value.data["lists"] == [name for name in LISTS if name != "to_do"]
    assert refused.value.text("zh-CN") == "您的角色没有“待办”清单，可查看的清单：我的、退回、黄红牌、督办。"
