"""Stories that together emit every event of residents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from chassis.persistence.aggregate import Aggregate
from services.residents.categories import events as categories
from services.residents.dictionary import events as dictionary
from services.residents.dwellings import events as dwellings
from services.residents.forms import events as forms
from services.residents.households import events as households
from services.residents.households.model import Household
from services.residents.joins import events as joins
from services.residents.joins.model import Join
from services.residents.needs import events as needs
from services.residents.needs.model import Facts, Need
from services.residents.people import events as people
from services.residents.readings import events as readings
from services.residents.reports import events as reports
from services.residents.reports.model import ReportFile
from services.residents.representatives import events as representatives
from services.residents.representatives.model import Representative
from services.residents.rights_requests import events as rights_requests
from services.residents.rights_requests.model import RightsRequest, Wanted
from services.residents.submissions import events as submissions
from services.residents.tables import events as tables
from services.residents.tasks import events as tasks
from services.residents.values import events as values
from services.residents.visits import events as visits
from services.residents.visits.model import Following, Home, Visit
from services.residents.visits.rhythm import Day
from tests.contract.stories import events_of
from tests.unit.residents import one_table
from tests.unit.residents import samples as s
from tests.unit.residents.alerts import raised_alert
from tests.unit.residents.entries import category, managed
from tests.unit.residents.reports import ZONE, report
from tests.unit.residents.tables import given_table, written_row

EVENTS = events_of(
    dwellings, households, people, dictionary, forms, tasks, values, categories, needs, visits, joins, representatives,
    rights_requests, readings, reports, tables, submissions,
)  # fmt: skip


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
    entry, statutory = category(s.STREET_STAFF, resident=member), managed(resident=member)
    statutory.approve(s.STREET_STAFF, s.NOW)
    member.move_out(s.STREET_STAFF, s.NOW, "visit", "")
    member.move_in(s.STREET_STAFF, family, "head", [], s.NOW, "visit", "")
    member.merge_into(s.STREET_STAFF, other, s.NOW, "")
    member.unmerge(s.STREET_STAFF, s.NOW)
    member.die(s.STREET_STAFF, s.NOW.date(), s.NOW.date(), "sealed", s.NOW, "visit")
    family.lose(member.key)
    family.dissolve(s.STREET_STAFF, 0)
    old.remove(s.STREET_STAFF, 0)
    yield from (old, new, family, young, member, other, entry, statutory)
    yield from one_table_story()
    yield from visited()
    yield from own_record()
    yield raised_alert()
    yield from reported()
    yield from (written_row(), given_table())


def one_table_story() -> Iterator[Aggregate]:
    """A field that retired, a form that was given and retired, an answer, and a task that became late and moved."""
    field, form, desk, given = one_table.field(), one_table.published(), one_table.Desk(), one_table.given_form()
    field.retire(one_table.ADMIN)
    form.retire(s.STREET_STAFF)
    desk.answer(housing="own")
    task = one_table.task()
    task.become_late(given.due)
    task.follow(s.OTHER_GRID)
    task.withdraw()
    sent = one_table.submission()
    sent.hold()
    sent.contest(["rooms"], "")
    sent.drop(s.WORKER, 2)
    yield from (field, form, desk.values, given, task, sent)


def visited() -> Iterator[Aggregate]:
    """A need, and the visits of its household: one missed, one that found something, one called off."""
    home = Home(family := s.household(), s.dwelling())
    family.colour_card(s.WORKER, "red")
    need = Need.record(s.WORKER, "N1", s.resident(of=family), Facts("company", 2, s.NOW.date()), (), s.NOW)
    need.end(s.WORKER, "sealed")
    day = Day.of(s.NOW.date() + timedelta(days=1), ZoneInfo("Asia/Shanghai"))
    missed, called_off = (Visit.in_turn(key, home, day, s.NOW) for key in ("V1", "V2"))
    for moment in (day.remind_at, day.ends_at, day.ends_at + timedelta(days=3)):
        missed.tick(moment, 3)
    missed.finish(s.WORKER, "sealed", "service.care.care", s.NOW)
    missed.follow_case(Following(id="C1", state="REPORTED", area=s.GRID, sequence=1))
    called_off.cancel(s.WORKER, "sealed", s.NOW)
    yield from (family, need, missed, called_off)


def own_record() -> Iterator[Aggregate]:
    """A join that ended, a representative who was dismissed, and two requests: one accepted, one refused."""
    person, counter = s.resident(), s.person("k-1", "counter", s.COMMUNITY)
    join = Join.blank(person)
    join.make("r-1", "passport", "k-1", person.area, s.NOW)
    join.end()
    until = s.NOW + timedelta(days=9)
    helper = Representative.register(counter, "P1", person, "r-2", "sealed", "kinship", until, s.NOW)
    helper.end()
    made = (
        RightsRequest.correction(s.SOMEBODY, key, person, "", Wanted("phone", "sealed", ""), until, s.NOW)
        for key in ("Q1", "Q2")
    )
    accepted, refused = made
    accepted.accept(counter, "", s.NOW)
    accepted.reopen()
    refused.refuse(counter, "", "other", "sealed", s.NOW)
    yield from (join, helper, accepted, refused)


def reported() -> Iterator[Aggregate]:
    """A report whose schedule was due, and its file."""
    due = report(schedule="daily")
    due.fire(s.NOW + timedelta(days=1), ZONE)
    file = ReportFile.ask("P2", due, s.NOW)
    file.finish(s.NOW, s.NOW)
    yield from (due, file)
