"""Commands, timer and event handler of units, posts and assignments."""

from __future__ import annotations

from functools import partial

from chassis.context import Call, Received
from chassis.entrypoints.consumer import every, handles
from chassis.entrypoints.rpc_server import command
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.types import Answer, Id
from chassis.usecases.records import change, create, found, named
from chassis.usecases.service import Documents, UseCases
from services.org.administrators import require_administrator, require_administrators_role
from services.org.api.posts import (
    AbsencePlan,
    AbsenceStart,
    PostPlan,
    PostReport,
    PostRevision,
    PostSheet,
    Terms,
    UnitName,
    UnitPlan,
)
from services.org.divisions.model.division import Division
from services.org.grids.events import GridMergeCompleted
from services.org.grids.model.grid import Grid
from services.org.last_administrator import administrator_remains
from services.org.lookups import administered, require_unused, tier_at
from services.org.posts.bulk_import import PostImport
from services.org.posts.holders import assignment_for_holder
from services.org.posts.model.assignment import Assignment, require_four
from services.org.posts.model.post import Post
from services.org.posts.model.unit import Unit
from services.org.users.model import User
from vocabulary.roles import Role


class PostCommands(UseCases):
    """Commands, timer and event handler of units, posts and assignments."""

    documents: Documents = (Unit, Post, Assignment)

    @command
    def open_unit(self, call: Call, plan: UnitPlan) -> Answer:
        """Opens a unit; `unit` is its permanent id."""
        require_administrator(call.principal, plan.path)
        data = self.data.of(call)

        def build(_: str) -> Unit:
            tier_at(data, plan.path)
            require_unused(data, plan.unit, Division, Grid)
            return Unit.open(call.tenant, plan.unit, name=plan.name, kind=plan.kind, path=plan.path)

        return create(data, Unit, build)

    @command
    def rename_unit(self, call: Call, unit: Id, form: UnitName) -> Answer:
        data = self.data.of(call)
        administered(data, call.principal, Unit, unit)
        return change(data, Unit, unit, lambda unit: unit.rename(form.name))

    @command
    def close_unit(self, call: Call, unit: Id) -> Answer:
        data = self.data.of(call)
        administered(data, call.principal, Unit, unit)
        return change(data, Unit, unit, Unit.close)

    @command
    def open_post(self, call: Call, plan: PostPlan) -> Answer:
        """Opens a post. Raises `Invalid` if no post of this kind may be in that area or unit."""
        _require_post_administrator(call, plan.kind, plan.area)
        data = self.data.of(call)

        def build(key: str) -> Post:
            tier, department = tier_at(data, plan.area), found(data, Unit, plan.unit)
            return Post.open(call.tenant, key, plan, tier=tier, department=department)

        return create(data, Post, build)

    @command
    def import_posts(self, call: Call, form: PostSheet) -> PostReport:
        """Opens the posts of a CSV file; the report lists each rejected row."""
        require_administrators_role(call.principal)
        return PostImport(self.data.of(call), call.principal).run(form.file)

    @command
    def revise_post(self, call: Call, post: Id, form: PostRevision) -> Answer:
        data = self.data.of(call)
        administered(data, call.principal, Post, post)
        return change(data, Post, post, lambda post: post.revise(title=form.title, duties=form.duties))

    @command
    def close_post(self, call: Call, post: Id) -> Answer:
        data = self.data.of(call)
        administered(data, call.principal, Post, post)
        return change(data, Post, post, Post.close)

    @command
    def assign(self, call: Call, terms: Terms) -> Answer:
        """Assigns a person to a post. Raises `Incomplete` unless person, post, duty and area are given (四定).

        An administrator may assign anybody in the administrator's own area: it takes no other post from the person.
        """
        if not call.principal.has(Role.OPERATOR):
            require_administrators_role(call.principal)
        require_four(terms)
        data = self.data.of(call)
        post = named(data, Post, terms.post, "post")
        _require_post_administrator(call, post.kind, post.area)

        def build(key: str) -> Assignment:
            tier_at(data, terms.area)
            named(data, User, terms.subject, "subject").require_active()
            primary = named(data, Assignment, terms.backup_of, "backup_of") if terms.backup_of else None
            by = call.principal.subject
            held = data.count(Assignment, {"subject": terms.subject, "ended": False})
            return Assignment.give(call.tenant, key, terms, post, by=by, now=call.now, held=held, primary=primary)

        with self.data.locks.of(f"assignments:{call.tenant}:{terms.subject}"):
            return create(data, Assignment, build)

    @command
    def end_assignment(self, call: Call, assignment: Id) -> Answer:
        """Ends an assignment early. Raises `LastAdministrator`, `Ended`."""
        data = self.data.of(call)
        administered(data, call.principal, Assignment, assignment)
        with administrator_remains(self.data, call, without=assignment):
            return change(data, Assignment, assignment, lambda each: each.end(call.now))

    @command
    def declare_absence(self, call: Call, assignment: Id, form: AbsencePlan) -> Answer:
        """Declares an absence, during which the B post acts (AB岗)."""
        data = self.data.of(call)
        assignment_for_holder(data, call, assignment)
        return change(data, Assignment, assignment, lambda each: each.declare_absence(form.start, form.end, call.now))

    @command
    def withdraw_absence(self, call: Call, assignment: Id, form: AbsenceStart) -> Answer:
        """Withdraws a declared absence."""
        data = self.data.of(call)
        assignment_for_holder(data, call, assignment)
        return change(data, Assignment, assignment, lambda each: each.withdraw_absence(form.start, call.now))

    @every(interval=15)
    def end_assignments(self) -> None:
        """Timer: ends assignments that have reached `valid_until`."""
        self.data.each_due(Assignment, Assignment.end_when_due)

    @handles(GridMergeCompleted)
    def follow_merge(self, event: Received) -> None:
        """Moves posts and assignments of the old grids of a merge to the new ones."""
        data = self.data.of(event)
        for successor in event.as_(GridMergeCompleted).grids:
            # Each step moves what is still in the old grid, so a redelivery after a crash moves the rest.
            old = data.get(Grid, successor.old).path
            _move_assignments(data, old, successor.path)
            _move_posts(data, old, successor.path)


def _require_post_administrator(call: Call, kind: str, area: str) -> None:
    """As `require_administrator`, except that the operator may open and fill `tenant_admin` posts, and no others."""
    if not (kind == "tenant_admin" and call.principal.has(Role.OPERATOR)):
        require_administrator(call.principal, area)


def _move_assignments(data: TenantData, old: str, new: str) -> None:
    for row in data.rows(Assignment, {"area": old}, ["post"], limit=ALL):
        unit = data.get(Post, row["post"]).unit_in(new)
        data.change(Assignment, row["key"], partial(Assignment.move, area=new, unit=unit))


def _move_posts(data: TenantData, old: str, new: str) -> None:
    for row in data.rows(Post, {"area": old}, ["area"], limit=ALL):
        data.change(Post, row["key"], partial(Post.move, area=new))
