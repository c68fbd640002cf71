"""Stories that together emit every event of org's aggregates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from chassis.persistence.aggregate import Aggregate
from services.org.divisions import events as divisions
from services.org.emergencies import events as emergencies
from services.org.grids import events as grids
from services.org.party import events as party
from services.org.posts import events as posts
from services.org.responsibilities import events as responsibilities
from services.org.responsibilities.model.authority import Power
from services.org.responsibilities.model.sponsorship import Sponsorship
from services.org.tenants import events as tenants
from services.org.users import events as users
from tests.contract.stories import events_of
from tests.unit.org import (
    places,
    test_emergencies,
    test_estates,
    test_grid_merges,
    test_lists,
    test_party_tree,
    test_tenants,
    test_users,
)
from tests.unit.org.people_samples import GRID, NOW, STREET, assignment, post, unit

EVENTS = events_of(tenants, divisions, grids, party, emergencies, posts, users, responsibilities)


def people() -> list[Aggregate]:
    """Units, posts, assignments, lists and users, each through its whole life cycle."""
    department, held, a = unit(), post(), assignment(post())
    b = assignment(post(), key="A-2", subject="U-2", backup_of="A-1", primary=a, valid_until=NOW + timedelta(days=1))
    department.rename("综合执法局")
    department.close()
    held.revise(title="新名称", duties=["巡查"])
    held.move(GRID)
    a.declare_absence(NOW, NOW + timedelta(hours=1), NOW)
    a.end(NOW)
    b.end_when_due(NOW + timedelta(days=1))
    entry, rule, user = test_lists.made(), test_lists.rule(), test_users.user()
    entry.end(NOW, NOW)
    rule.withdraw()
    user.disable(NOW)
    power = Power.blank("wuhai", "own_1")
    power.set(["street"], name="decides on funds", name_zh="资金使用决定权")
    sponsor = Sponsorship.blank("wuhai", "sponsor", STREET, "street")
    sponsor.name("U-1")
    sponsor.end()
    return [department, held, a, b, entry, rule, user, power, sponsor]


def structure() -> list[Aggregate]:
    """The tenant, its divisions, grids and their contents, each through its whole life cycle."""
    county, grid, merge = places.county(), places.base_grid(), test_grid_merges.small()
    county.draw(places.square(106.75, 39.5, 0.2))
    grid.revise("新名称", places.square(106.81, 39.66))
    grid.retire(into="150302003014009", merge="M1")
    merge.start()
    while merge.next_step:
        merge.halt(merge.next_step.grid, "the code is taken")
        merge.start()
        merge.step_done(merge.next_step.grid)
    emergency, group = test_emergencies.declared(), test_party_tree.organisation("group")
    emergency.end(test_emergencies.CENTRE, test_emergencies.NOW)
    group.close(open_children=0)
    estate, building = test_estates.estate(), test_estates.building()
    return [test_tenants.opened(), county, grid, merge, emergency, group, estate, building]


def aggregates() -> Iterator[Aggregate]:
    yield from (*people(), *structure())
