"""Test builders: units, posts and assignments of an invented tenant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from services.org.api.posts import PostPlan, Terms
from services.org.posts.model.assignment import Assignment
from services.org.posts.model.post import Post
from services.org.posts.model.unit import Unit

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
CITY = "/1503/"
COUNTY = "/1503/150302/"
STREET = "/1503/150302/150302011/"
COMMUNITY = "/1503/150302/150302011/150302011001/"
GRID = COMMUNITY + "150302011001001/"
MICRO = GRID + "150302011001001001/"
TIERS = {CITY: "city", COUNTY: "county", STREET: "street", COMMUNITY: "community", GRID: "grid", MICRO: "micro_grid"}


def unit(slug: str = "urban-management", path: str = COUNTY) -> Unit:
    return Unit.open("wuhai", slug, name="城市管理局", kind="department", path=path)


def post(kind: str = "grid_worker", area: str = GRID, keeper: str = "150302011001", *, by: Unit | None = None) -> Post:
    plan = PostPlan(kind=kind, title="第一网格", unit=by.key if by else keeper, area=area)
    return Post.open("wuhai", f"P-{kind}", plan, tier=TIERS[area], department=by)


def terms(held: Post, **changed: Any) -> Terms:
    return Terms(**{"subject": "U-1", "post": held.key, "duty": "巡查走访", "area": held.area, **changed})


def assignment(held: Post, *, key: str = "A-1", primary: Assignment | None = None, **changed: Any) -> Assignment:
    return Assignment.give("wuhai", key, terms(held, **changed), held, by="admin", now=NOW, primary=primary)
