"""Stories that together emit every event of residents."""

from __future__ import annotations

from collections.abc import Iterator

from chassis.persistence.aggregate import Aggregate
from services.residents.dwellings import events as dwellings
from services.residents.households import events as households
from services.residents.households.model import Household
from services.residents.people import events as people
from tests.contract.stories import events_of
from tests.unit.residents import samples as s

EVENTS = events_of(dwellings, households, people)


def aggregates() -> Iterator[Aggregate]:
    old, new = s.dwelling(), s.dwelling("D2", s.OTHER_GRID)
    family = s.household("H1", old)
    member, other = s.resident("R1", family), s.resident("R2", family, "李芳")
    family.name_head(s.WORKER, member.key, member.household)
    young = Household.split(s.STREET_STAFF, "H2", family, new, [other.key], s.NOW)
    other.join(young, [], "s-1", s.NOW)
    other.correct(s.STREET_STAFF, {"phone": "13900000001"}, {}, s.NOW, "visit", "")
    family.move(s.STREET_STAFF, new)
    member.follow(family, [])
    member.move_out(s.STREET_STAFF, s.NOW, "visit", "")
    member.move_in(s.STREET_STAFF, family, "head", [], s.NOW, "visit", "")
    member.merge_into(s.STREET_STAFF, other, s.NOW, "")
    member.unmerge(s.STREET_STAFF, s.NOW)
    member.die(s.STREET_STAFF, s.NOW.date(), s.NOW.date(), "sealed", s.NOW, "visit")
    family.lose(member.key)
    family.dissolve(s.STREET_STAFF, 0)
    old.remove(s.STREET_STAFF, 0)
    yield from (old, new, family, young, member, other)
