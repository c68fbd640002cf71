"""An index that starts with the tenant serves every query of posts and people."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.org.posts.model.assignment import Assignment
from services.org.posts.model.post import Post
from services.org.posts.model.unit import Unit
from services.org.responsibilities.model.list_entry import ListEntry
from services.org.responsibilities.model.sponsorship import Sponsorship
from services.org.responsibilities.model.whistle_rule import WhistleRule
from services.org.users.model import User
from tests.servers.site import Site
from tests.servers.waiting import wait_for

PAST = {"$lte": datetime(2026, 1, 1, tzinfo=UTC)}
AFTER = {"$gt": "wuhai:a"}
QUERIES: list[tuple[Any, dict[str, Any], list[tuple[str, int]]]] = [
    (Unit, {"_id": AFTER}, [("_id", 1)]),
    (Unit, {"kind": "department", "_id": AFTER}, [("_id", 1)]),
    (Post, {"within": "150302", "_id": AFTER}, [("_id", 1)]),
    (Post, {"within": "150302", "kind": "grid_worker", "_id": AFTER}, [("_id", 1)]),
    (Post, {"area": "/1503/", "kind": {"$in": ["grid_worker"]}}, []),
    (Assignment, {"subject": "u", "_id": AFTER}, [("_id", 1)]),
    (Assignment, {"subject": "u", "ended": False}, []),
    (Assignment, {"subject": "u", "ended": False, "valid_from": PAST}, [("valid_from", 1)]),
    (Assignment, {"post": "p", "ended": False, "valid_from": PAST}, [("valid_from", 1)]),
    (Assignment, {"area": "/1503/"}, []),
    (Assignment, {"next_due_at": PAST}, [("next_due_at", 1)]),
    (User, {"login_index": "x"}, []),
    (User, {"kind": "staff", "_id": AFTER}, [("_id", 1)]),
    (ListEntry, {"category": "c", "tier": "street"}, [("number", 1)]),
    (ListEntry, {"kind": "duties", "_id": AFTER}, [("_id", 1)]),
    (WhistleRule, {"active": True, "_id": AFTER}, [("_id", 1)]),
    (WhistleRule, {"active": True, "caller": {"$in": ["community"]}}, []),
    (Sponsorship, {"kind": "overseer", "active": True, "_id": AFTER}, [("_id", 1)]),
]


@pytest.mark.parametrize(("model", "where", "sort"), QUERIES)
def test_an_index_serves_it(org_site: Site, model: Any, where: dict[str, Any], sort: list[tuple[str, int]]) -> None:
    collection = org_site.collections("org")[model._get_collection_name()]
    wait_for(lambda: len(collection.index_information()) > 1)
    cursor = collection.find({"tenant": "wuhai", **where})
    plan = str((cursor.sort(sort) if sort else cursor).explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan
