"""An index that starts with the tenant serves every query of places."""

from __future__ import annotations

from typing import Any

import pytest

from services.org.divisions.model.division import Division
from services.org.divisions.model.geometry import squares_at
from services.org.emergencies.model import Emergency
from services.org.grids.model.estate import Building, Estate
from services.org.grids.model.grid import Grid
from services.org.grids.model.grid_merge import GridMerge
from services.org.party.model import PartyOrganisation
from tests.servers.site import Site
from tests.servers.waiting import wait_for

AFTER = {"$gt": "wuhai:a"}
POINT = {"$in": squares_at(106.81, 39.66)}
BY_KEY = [("_id", 1)]
QUERIES: list[tuple[Any, dict[str, Any], list[tuple[str, int]]]] = [
    (Division, {"parent": "1503", "_id": AFTER}, BY_KEY),
    (Division, {"squares": POINT}, []),
    (Division, {"_id": {"$in": ["wuhai:1503"]}}, []),
    (Grid, {"parent": "150302003014", "state": "active", "_id": AFTER}, BY_KEY),
    (Grid, {"inventory": "main", "level": "base", "_id": AFTER}, BY_KEY),
    (Grid, {"squares": POINT, "inventory": "main"}, []),
    (Grid, {"state": "active"}, []),
    (Estate, {"division": "150302003014", "_id": AFTER}, BY_KEY),
    (Estate, {"grids": "150302003014001"}, []),
    (Building, {"estate": "E1", "_id": AFTER}, BY_KEY),
    (Building, {"grids": "150302003014001"}, []),
    (PartyOrganisation, {"parent": "", "_id": AFTER}, BY_KEY),
    (PartyOrganisation, {"path": "/1503/150302/"}, []),
    (GridMerge, {"state": "running", "_id": AFTER}, BY_KEY),
    (Emergency, {"state": "active", "_id": AFTER}, BY_KEY),
]


@pytest.mark.parametrize(("model", "where", "sort"), QUERIES)
def test_an_index_serves_it(org_site: Site, model: Any, where: dict[str, Any], sort: list[tuple[str, int]]) -> None:
    collection = org_site.collections("org")[model._get_collection_name()]
    wait_for(lambda: len(collection.index_information()) > 1)
    cursor = collection.find({"tenant": "wuhai", **where})
    plan = str((cursor.sort(sort) if sort else cursor).explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan
