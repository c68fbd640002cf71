"""Queries of units, posts and who holds them."""

from __future__ import annotations

from chassis.context import Call
from chassis.messaging.rpc_server import query
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import shown
from chassis.usecases.service import Part
from services.org.access import administers, require_administrator
from services.org.api.posts import (
    DutyHolder,
    ListAssignments,
    ListPosts,
    ListUnits,
    OnDuty,
    Preview,
    PreviewOf,
)
from services.org.grids.grid import Grid
from services.org.posts.assignment import Assignment
from services.org.posts.holders import MOST_AT_A_PLACE, assignment_for_holder, holders
from services.org.posts.post import MICRO_GRID_THREE, Post
from services.org.posts.preview import preview
from services.org.posts.unit import Unit
from services.org.users.principals import current_assignments


class PostQueries(Part):
    """Part of the service."""

    @query
    def get_unit(self, call: Call, unit: Id) -> Answer:
        return shown(self.data.of(call).get(Unit, unit))

    @query
    def list_units(self, call: Call, form: ListUnits) -> Listed[Answer]:
        return listed(self.data.of(call), Unit, {"kind": form.kind} if form.kind else {}, form.after, form.limit)

    @query
    def get_post(self, call: Call, post: Id) -> Answer:
        return shown(self.data.of(call).get(Post, post))

    @query
    def list_posts(self, call: Call, form: ListPosts) -> Listed[Answer]:
        where = {"within": form.place, **({"kind": form.kind} if form.kind else {})}
        return listed(self.data.of(call), Post, where, form.after, form.limit)

    @query
    def micro_grid_posts(self, call: Call, grid: Id) -> Answer:
        """`{posts, missing}`: which of a micro-grid's three posts (党小组+网格员+单元长) somebody holds."""
        data = self.data.of(call)
        area = data.get(Grid, grid).path
        where = {"area": area, "kind": {"$in": list(MICRO_GRID_THREE)}}
        posts = data.find(Post, where, [("_id", 1)], MOST_AT_A_PLACE)
        held = {post.kind for post in posts if holders(data, post.key)}
        return {
            "posts": [shown(post) for post in posts],
            "missing": [kind for kind in MICRO_GRID_THREE if kind not in held],
        }

    @query
    def preview(self, call: Call, form: PreviewOf) -> Preview:
        """Who may do what: by the post, by what the subject holds now, or by both together before one is given."""
        data = self.data.of(call)
        held: list[tuple[str, str]] = []
        if form.post:
            asked = data.get(Post, form.post)
            require_administrator(call.principal, asked.area)
            held += [(role, asked.area) for role in asked.roles]
        if form.subject:
            held += [
                (role, each.area)
                for each in current_assignments(data, form.subject)
                if form.subject == call.principal.subject or administers(call.principal, each.area)
                for role in each.roles
            ]
        return preview(held)

    @query
    def get_assignment(self, call: Call, assignment: Id) -> Answer:
        """For its holder and administrators of its area."""
        given = assignment_for_holder(self.data.of(call), call, assignment)
        return {**shown(given), "duty": given.duty}

    @query
    def list_assignments(self, call: Call, form: ListAssignments) -> Listed[Answer]:
        """One's own, or what somebody holds in the administrator's area; ended and coming ones too."""
        page = listed(self.data.of(call), Assignment, {"subject": form.subject}, form.after, form.limit)
        is_own = form.subject == call.principal.subject
        visible = [each for each in page.items if is_own or administers(call.principal, each["area"])]
        return Listed(items=visible, next=page.next)

    @query
    def on_duty(self, call: Call, post: Id) -> OnDuty:
        data = self.data.of(call)
        data.get(Post, post)
        there = [each for each in holders(data, post) if not each.absent(call.now)]
        return OnDuty(
            holders=[DutyHolder(subject=each.subject, assignment=each.key, acting_for=each.backup_of) for each in there]
        )
