"""Queries of units, posts and assignments."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.persistence.tenant_data import ALL
from chassis.types import Answer, Id, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import state_answer
from chassis.usecases.service import UseCases
from services.org.administrators import administers
from services.org.api.posts import (
    DutyHolder,
    ListAssignments,
    ListPosts,
    ListUnits,
    OnDuty,
    Preview,
    PreviewOf,
)
from services.org.grids.model.grid import Grid
from services.org.lookups import administered
from services.org.posts.holders import assignment_for_holder, holders
from services.org.posts.model.assignment import Assignment
from services.org.posts.model.post import MICRO_GRID_THREE, Post
from services.org.posts.model.unit import Unit
from services.org.posts.preview import preview
from services.org.users.principals import current_assignments


class PostQueries(UseCases):
    """Reads units, posts and assignments."""

    @query
    def get_unit(self, call: Call, unit: Id) -> Answer:
        return state_answer(self.data.of(call).get(Unit, unit))

    @query
    def list_units(self, call: Call, form: ListUnits) -> Listed[Answer]:
        return listed(self.data.of(call), Unit, {"kind": form.kind} if form.kind else {}, form.after, form.limit)

    @query
    def get_post(self, call: Call, post: Id) -> Answer:
        return state_answer(self.data.of(call).get(Post, post))

    @query
    def list_posts(self, call: Call, form: ListPosts) -> Listed[Answer]:
        where = {"within": form.place, **({"kind": form.kind} if form.kind else {})}
        return listed(self.data.of(call), Post, where, form.after, form.limit)

    @query
    def micro_grid_posts(self, call: Call, grid: Id) -> Answer:
        """Returns a micro-grid's three posts (党小组+网格员+单元长), and as `missing` the kinds that nobody holds."""
        data = self.data.of(call)
        area = data.get(Grid, grid).path
        where = {"area": area, "kind": {"$in": list(MICRO_GRID_THREE)}}
        posts = data.find(Post, where, [("_id", 1)], ALL)
        held_kinds = {post.kind for post in posts if holders(data, post.key)}
        return {
            "posts": [state_answer(post) for post in posts],
            "missing": [kind for kind in MICRO_GRID_THREE if kind not in held_kinds],
        }

    @query
    def preview(self, call: Call, form: PreviewOf) -> Preview:
        """Previews the acts of a post, of a subject's current assignments, or of both together before an assignment."""
        data = self.data.of(call)
        role_areas: list[tuple[str, str]] = []
        if form.post:
            post = administered(data, call.principal, Post, form.post)
            role_areas += [(role, post.area) for role in post.roles]
        if form.subject:
            role_areas += [
                (role, each.area)
                for each in current_assignments(data, form.subject)
                if form.subject == call.principal.subject or administers(call.principal, each.area)
                for role in each.roles
            ]
        return preview(role_areas)

    @query
    def get_assignment(self, call: Call, assignment: Id) -> Answer:
        """Returns an assignment with its duty, to its holder or an administrator of its area."""
        record = assignment_for_holder(self.data.of(call), call, assignment)
        return {**state_answer(record), "duty": record.duty}

    @query
    def list_assignments(self, call: Call, form: ListAssignments) -> Listed[Answer]:
        """Lists a subject's assignments, past and future ones too: the caller's own, or those in the caller's area."""
        page = listed(self.data.of(call), Assignment, {"subject": form.subject}, form.after, form.limit)
        is_own = form.subject == call.principal.subject
        visible = [each for each in page.items if is_own or administers(call.principal, each["area"])]
        return Listed(items=visible, next=page.next)

    @query
    def on_duty(self, call: Call, post: Id) -> OnDuty:
        """Returns who acts at the post now: its holders who are present, and the backups of absent ones."""
        data = self.data.of(call)
        data.get(Post, post)
        present = [each for each in holders(data, post) if not each.absent(call.now)]
        return OnDuty(
            holders=[
                DutyHolder(subject=each.subject, assignment=each.key, acting_for=each.backup_of) for each in present
            ]
        )
