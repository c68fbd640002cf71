"""Use cases of units, posts and who holds them."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated

import msgspec

from chassis.context import Call, Received
from chassis.errors import Forbidden, NotFound
from chassis.messaging.consumer import every, handles
from chassis.messaging.rpc_server import command, query
from chassis.persistence.tenant_data import TenantData
from chassis.usecases.pages import listed
from chassis.usecases.records import change, found, named, shown
from chassis.usecases.service import Documents
from services.org.access import must_administer
from services.org.api.types import Name
from services.org.divisions.events import GridMergeCompleted
from services.org.divisions.lookups import tier_at
from services.org.grids.grid import Grid
from services.org.pages import After, Limit, Listed
from services.org.posts.assignment import Assignment, Terms
from services.org.posts.bulk_import import MOST_BYTES, PostImport, Report
from services.org.posts.post import MICRO_GRID_THREE, Duties, Post, PostPlan
from services.org.posts.roles import Preview, preview
from services.org.posts.unit import Unit
from services.org.records import Answer, Id, Moment, Path, Word
from services.org.responsibilities.commands import Lists
from services.org.tenants.tenant import OPERATOR
from services.org.users.commands import SignIn
from services.org.users.principals import in_force
from services.org.users.user import User
from vocabulary.roles import Role

MOST_AT_A_PLACE = 500


class NotTheHolder(Forbidden):
    code = "assignment.not_the_holder"
    en = "Only the holder of the post or an administrator of its area declares an absence; ask one of them."
    zh = "只有任职者本人或本区域管理员可登记缺勤,请联系他们。"


class People(Lists, SignIn):
    """Units, posts and assignments."""

    documents: Documents = (Unit, Post, Assignment)

    @command
    def open_unit(self, call: Call, unit: Id, name: Name, kind: Word, path: Path) -> Answer:
        """A department or the like, serving `path`. `unit` is its id for ever."""
        must_administer(call.principal, path)
        data = self.data.of(call)
        tier_at(data, path)
        opened: Answer = data.create(
            Unit, lambda _: Unit.open(call.tenant, unit, name=name, kind=kind, path=path), shown
        )
        return opened

    @command
    def rename_unit(self, call: Call, unit: Id, name: Name) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(Unit, unit).path)
        return change(data, Unit, unit, lambda unit: unit.rename(name))

    @command
    def close_unit(self, call: Call, unit: Id) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(Unit, unit).path)
        return change(data, Unit, unit, Unit.close)

    @query
    def get_unit(self, call: Call, unit: Id) -> Answer:
        return shown(self.data.of(call).get(Unit, unit))

    @query
    def list_units(self, call: Call, kind: Word = "", limit: Limit = 50, after: After = "") -> Listed:
        return listed(self.data.of(call), Unit, {"kind": kind} if kind else {}, after, limit)

    @command
    def open_post(self, call: Call, plan: PostPlan) -> Answer:
        """Raises `Invalid` that names why such a post cannot stand there."""
        _must_administer(call, plan.kind, plan.area)
        data = self.data.of(call)
        tier, department = tier_at(data, plan.area), found(data, Unit, plan.unit)

        def build(key: str) -> Post:
            return Post.open(call.tenant, key, plan, tier=tier, department=department)

        opened: Answer = data.create(Post, build, shown)
        return opened

    @command
    def import_posts(self, call: Call, file: Annotated[bytes, msgspec.Meta(max_length=MOST_BYTES)]) -> Report:
        """Posts from a spreadsheet (base64 of CSV, UTF-8 or GB 18030): rows that cannot be taken are reported."""
        return PostImport(self.data.of(call), call.principal).run(file)

    @command
    def revise_post(self, call: Call, post: Id, title: Name, duties: Duties) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(Post, post).area)
        return change(data, Post, post, lambda post: post.revise(title=title, duties=duties))

    @command
    def close_post(self, call: Call, post: Id) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(Post, post).area)
        return change(data, Post, post, Post.close)

    @query
    def get_post(self, call: Call, post: Id) -> Answer:
        return shown(self.data.of(call).get(Post, post))

    @query
    def list_posts(self, call: Call, place: Id, kind: Word = "", limit: Limit = 50, after: After = "") -> Listed:
        """The posts of a division or grid (by its code) and of all below it."""
        where = {"within": place, **({"kind": kind} if kind else {})}
        return listed(self.data.of(call), Post, where, after, limit)

    @query
    def micro_grid_posts(self, call: Call, grid: Id) -> Answer:
        """`{posts, missing}`: which of a micro-grid's three posts (党小组+网格员+单元长) somebody holds."""
        data = self.data.of(call)
        area = data.get(Grid, grid).path
        where = {"area": area, "kind": {"$in": list(MICRO_GRID_THREE)}}
        posts = data.find(Post, where, [("_id", 1)], MOST_AT_A_PLACE)
        held = {post.kind for post in posts if _holders(data, post.key)}
        return {
            "posts": [shown(post) for post in posts],
            "missing": [kind for kind in MICRO_GRID_THREE if kind not in held],
        }

    @command
    def assign(self, call: Call, terms: Terms) -> Answer:
        """四定: refused unless person, post, duty and area are given."""
        terms.require_four()
        data = self.data.of(call)
        post = named(data, Post, terms.post, "post")
        _must_administer(call, post.kind, post.area)
        tier_at(data, terms.area)
        named(data, User, terms.subject, "subject").require_active()
        backed = named(data, Assignment, terms.backup_of, "backup_of") if terms.backup_of else None

        def build(key: str) -> Assignment:
            by = call.principal.subject
            return Assignment.give(call.tenant, key, terms, post, by=by, now=call.now, backed=backed)

        given: Answer = data.create(Assignment, build, shown)
        return given

    @query
    def preview(self, call: Call, post: Id | None = None, subject: Id | None = None) -> Preview:
        """Who may do what: by the post, by what the subject holds now, or by both together before one is given."""
        data = self.data.of(call)
        held: list[tuple[str, str]] = []
        if post:
            asked = data.get(Post, post)
            must_administer(call.principal, asked.area)
            held += [(role, asked.area) for role in asked.roles]
        if subject:
            held += [
                (role, each.area)
                for each in in_force(data, subject)
                if subject == call.principal.subject or _administers(call, each.area)
                for role in each.roles
            ]
        return preview(held)

    @command
    def end_assignment(self, call: Call, assignment: Id) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(Assignment, assignment).area)
        return change(data, Assignment, assignment, lambda given: given.end(call.now))

    @command
    def declare_absence(self, call: Call, assignment: Id, start: Moment, end: Moment) -> Answer:
        """In that time the B post acts (AB岗)."""
        data = self._of_holder(call, assignment)
        return change(data, Assignment, assignment, lambda given: given.declare_absence(start, end, call.now))

    @command
    def withdraw_absence(self, call: Call, assignment: Id, start: Moment) -> Answer:
        """They are there after all, from now on."""
        data = self._of_holder(call, assignment)
        return change(data, Assignment, assignment, lambda given: given.withdraw_absence(start, call.now))

    def _of_holder(self, call: Call, assignment: str) -> TenantData:
        data = self.data.of(call)
        given = data.get(Assignment, assignment)
        if given.subject != call.principal.subject and not _administers(call, given.area):
            raise NotTheHolder if call.principal.covers(given.area) else NotFound
        return data

    @query
    def get_assignment(self, call: Call, assignment: Id) -> Answer:
        """For its holder and administrators of its area."""
        given = self._of_holder(call, assignment).get(Assignment, assignment)
        return {**shown(given), "duty": given.duty}

    @query
    def list_assignments(self, call: Call, subject: Id, limit: Limit = 50, after: After = "") -> Listed:
        """One's own, or what somebody holds in the administrator's area; ended and coming ones too."""
        given = listed(self.data.of(call), Assignment, {"subject": subject}, after, limit)
        own = subject == call.principal.subject
        return Listed(items=[each for each in given.items if own or _administers(call, each["area"])], next=given.next)

    @query
    def on_duty(self, call: Call, post: Id) -> Answer:
        """`{holders}` of the post now, with the B post in the place of an absent A."""
        data = self.data.of(call)
        now = call.now
        data.get(Post, post)
        return {
            "holders": [
                {"subject": each.subject, "assignment": each.key, "acting_for": each.backup_of}
                for each in _holders(data, post)
                if not each.absent(now)
            ]
        }

    @every(interval=15)
    def end_assignments(self) -> None:
        """What has come to its `valid_until` ends by itself."""
        self.data.each_due(Assignment, Assignment.end_when_due)

    @handles(GridMergeCompleted)
    def follow_merge(self, event: Received) -> None:
        """Posts of a merged grid, and who holds them, go on in the grid that took its place."""
        data = self.data.of(event)
        for successor in event.as_(GridMergeCompleted).grids:
            # Each looks for what is still in the old grid: after a crash between two, the rest follows.
            old = data.get(Grid, successor.old).path
            _move_assignments(data, old, successor.path)
            _move_posts(data, old, successor.path)


def _must_administer(call: Call, kind: str, area: str) -> None:
    """As `must_administer`; the operator may give a tenant its administrators, and nobody else."""
    if not (kind == "tenant_admin" and call.principal.has(OPERATOR)):
        must_administer(call.principal, area)


def _administers(call: Call, area: str) -> bool:
    return call.principal.has(Role.TENANT_ADMIN) and call.principal.covers(area)


def _holders(data: TenantData, post: str) -> list[Assignment]:
    """The assignments that give access by the post now."""
    now: datetime = data.context.now
    given = data.find(Assignment, {"post": post, "valid_from": {"$lte": now}}, [("valid_from", 1)], MOST_AT_A_PLACE)
    by_key = {each.key: each for each in given}
    return [each for each in given if each.gives_access(now, by_key.get(each.backup_of))]


def _move_assignments(data: TenantData, old: str, new: str) -> None:
    for row in data.rows(Assignment, {"area": old}, ["post"], limit=MOST_AT_A_PLACE):
        unit = data.get(Post, row["post"]).unit_in(new)
        data.change(Assignment, row["key"], partial(Assignment.move, area=new, unit=unit))


def _move_posts(data: TenantData, old: str, new: str) -> None:
    for row in data.rows(Post, {"area": old}, ["area"], limit=MOST_AT_A_PLACE):
        data.change(Post, row["key"], partial(Post.move, area=new))
