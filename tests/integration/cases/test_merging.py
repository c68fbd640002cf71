"""A merge is two writes, one for each case: what happens when the second is refused."""

from __future__ import annotations

import pytest

from tests.integration.cases.town import Town
from tests.servers.waiting import wait_for


@pytest.mark.domain("The case: Merge")
def test_a_child_that_its_parent_cannot_take_in_comes_back(town: Town) -> None:
    parent = town.report()["id"]
    child = town.report(town.who("resident", subject="r-2"))["id"]
    for case in (parent, child):
        town.ask("grid_worker", "verify", case=case, found=True, note="见到了")
        town.ask("street", "register", case=case)
    due = town.ask("street", "get_case", case=child)["due"]
    taken = [{"case": f"C{number}", "sequence": 1, "priority": "P3", "released": True} for number in range(100)]
    town.site.collections("cases")["cases"].update_one(
        {"_id": f"{town.tenant}:{parent}"}, {"$set": {"children": taken}, "$inc": {"version": 1}}
    )
    assert town.ask("street", "merge", case=child, into=parent)["state"] == "MERGED"
    wait_for(lambda: town.ask("street", "get_case", case=child)["state"] == "REGISTERED")
    assert town.ask("street", "get_case", case=child)["due"] == due
    assert town.ask("street", "get_case", case=parent)["children"] == []
