"""Every query of records beside the case is served by an index that begins with the tenant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.cases.analytics.model.facts import CaseFacts, Rollup
from services.cases.counter.model import Ticket
from services.cases.deliberation.model import Deliberation
from services.cases.directory.replicas import AssignmentReplica, EmergencyReplica, ListEntryReplica, WhistleRuleReplica
from services.cases.evidence.model import Comment, Photo
from services.cases.hotline.model.calls import Callback, Roster
from services.cases.hotline.model.knowledge_base import Article
from services.cases.mediation.model import Mediation
from services.cases.reviews.model import Accountability, Review
from tests.servers.site import Site

PAST = {"$lte": datetime(2026, 1, 1, tzinfo=UTC)}
DAYS = {"$gte": "2026-01-01", "$lte": "2026-01-31"}
QUERIES: list[tuple[Any, dict[str, Any], list[tuple[str, int]]]] = [
    (Review, {"codes": "150302", "state": "OPEN", "opened_at": PAST}, [("opened_at", -1), ("_id", -1)]),
    (Accountability, {"unit": "water", "opened_at": PAST}, [("opened_at", -1), ("_id", -1)]),
    (Mediation, {"people": "p", "opened_at": PAST}, [("opened_at", -1), ("_id", -1)]),
    (Deliberation, {"codes": "150302", "at": PAST}, [("at", -1), ("_id", -1)]),
    (Deliberation, {"codes": "150302", "series": "2026", "at": PAST}, [("at", -1), ("_id", -1)]),
    (Deliberation, {"units": "water", "at": PAST}, [("at", -1), ("_id", -1)]),
    (Callback, {"open": True}, [("due", 1)]),
    (Roster, {"starts": PAST}, [("starts", -1)]),
    (Article, {"tokens": {"$in": ["路灯", "灯坏"]}, "state": "PUBLISHED"}, []),
    (Ticket, {"counter": "c", "receipt": "r"}, []),
    (Ticket, {"counter": "c", "state": "OPEN", "opened_at": PAST}, [("opened_at", -1), ("_id", -1)]),
    (Ticket, {"units": "water", "state": "OPEN", "opened_at": PAST}, [("opened_at", -1), ("_id", -1)]),
    (Ticket, {"owner.person": "p", "state": "OPEN", "opened_at": PAST}, [("opened_at", -1), ("_id", -1)]),
    (CaseFacts, {"stale": True}, []),
    (CaseFacts, {"buckets": "b"}, []),
    (CaseFacts, {"cell": {"$in": ["a", "b"]}, "open": True}, []),
    (CaseFacts, {"codes": "150302", "reported_at": PAST}, []),
    (CaseFacts, {"dispatched_to": {"$in": ["a"]}, "category": "c", "dispatched_at": PAST}, []),
    (Rollup, {"codes": "150302", "day": DAYS}, []),
    (Rollup, {"unit": "water", "day": DAYS}, []),
    (Photo, {"state": "REMOVED", "purged": False}, []),
    (Photo, {"next_due_at": PAST}, [("next_due_at", 1)]),
    (Comment, {"case": "c", "at": PAST}, [("at", -1), ("_id", -1)]),
    (ListEntryReplica, {"category": "c"}, [("valid_from", 1)]),
    (WhistleRuleReplica, {"caller": {"$in": ["community"]}, "active": {"$ne": False}}, []),
    (AssignmentReplica, {"subject": "s", "ended": {"$ne": True}}, []),
    (AssignmentReplica, {"backup_of": "a", "ended": {"$ne": True}}, []),
    (EmergencyReplica, {"state": "active", "until": PAST}, [("until", 1)]),
]


@pytest.mark.parametrize(("model", "where", "sort"), QUERIES)
def test_an_index_serves_it(cases_site: Site, model: Any, where: dict[str, Any], sort: list[tuple[str, int]]) -> None:
    collection = cases_site.collections("cases")[model._get_collection_name()]
    cursor = collection.find({"tenant": "wuhai", **where})
    plan = str((cursor.sort(sort) if sort else cursor).explain()["queryPlanner"]["winningPlan"])
    assert "IXSCAN" in plan
    assert "COLLSCAN" not in plan
