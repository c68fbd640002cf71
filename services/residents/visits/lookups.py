"""Lookups of visits: where a household lives, who may be sent, its next visit, and what asks for it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from chassis.clock import EPOCH
from chassis.errors import Invalid
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.replicas import Unknown
from chassis.security.principal import codes_of, path_of
from services.residents.directory.care import care_of
from services.residents.directory.replicas import AssignmentReplica, PlaceReplica, today, zone_of
from services.residents.dwellings.model import Dwelling
from services.residents.households.model import ACTIVE, Household
from services.residents.needs.model import OPEN, Need
from services.residents.people.model import Resident, members_of
from services.residents.visits.model import WAITING, Home, Visit
from services.residents.visits.rhythm import Day, days_between, next_day
from services.residents.visits.route import Point, Stop, in_order_of_nearness, middle

_unknown = Unknown()


def home_of(data: TenantData, household: Household) -> Home:
    return Home(household, data.get(Dwelling, household.dwelling))


def members_now(data: TenantData, household: str) -> list[str]:
    return [row["key"] for row in data.rows(Resident, members_of(household), ["state"], [("_id", 1)], ALL)]


def day_of(data: TenantData, day: date) -> Day:
    return Day.of(day, zone_of(data))


def local_day(data: TenantData, moment: datetime) -> date:
    return moment.astimezone(zone_of(data)).date()


def next_visits(data: TenantData, households: Collection[str]) -> dict[str, date]:
    """Returns the day of the next planned or missed visit by household."""
    where = {"household": {"$in": sorted(households)}, "state": {"$in": list(WAITING)}}
    rows = data.rows(Visit, where, ["household", "due"], [("due", -1)], ALL) if households else []
    return {row["household"]: row["due"].date() for row in rows}


def rhythm_day(data: TenantData, household: Household, waiting: Visit | None) -> Day | None:
    """Returns the day of the household's next visit in rhythm, which is `waiting` already or not yet planned.

    None if nothing asks for visits.
    """
    needs = data.rows(Need, {"household": household.key, "state": OPEN}, ["need"], limit=ALL)
    every = days_between(care_of(data), household.colour, [row["need"] for row in needs])
    if not every or household.state != ACTIVE:
        return None
    since = _counts_from(data, household.key) or (waiting.planned_at if waiting else data.context.now)
    day = next_day(local_day(data, since), every, today(data), waiting.day if waiting else None)
    return day_of(data, day)


def require_worker(data: TenantData, subject: str, area: str) -> None:
    """Raises unless the person holds a post whose area the place lies in; `NotKnownYet` if it may be on its way."""
    codes = codes_of(area)
    above = [path_of(*codes[:length]) for length in range(1, len(codes) + 1)]
    now = data.context.now
    posts = data.find(AssignmentReplica, {"subject": subject, "ended": {"$ne": True}}, limit=ALL)
    if any(post.area in above and _in_force(post, now) for post in posts):
        return
    if not posts:
        _unknown.wait_for(data, "worker", subject)
    raise Invalid(("worker", "this person holds no post there now", "该人员在此辖区内无在任岗位"))


def by_nearness(data: TenantData, visits: list[Visit]) -> list[Visit]:
    """Returns the visits as the route of a day; see `route`."""
    middles = _middles(data, {code for each in visits for code in each.codes})
    stops = [Stop(each.key, _point(middles, each.codes), f"{each.estate}/{each.building}") for each in visits]
    by_key = {each.key: each for each in visits}
    return [by_key[stop.visit] for stop in in_order_of_nearness(stops)]


def _in_force(post: AssignmentReplica, now: datetime) -> bool:
    return post.valid_from <= now and (post.valid_until is None or now < post.valid_until)


def _counts_from(data: TenantData, household: str) -> datetime | None:
    """Returns when the household was last visited, or a visit of its rhythm called off."""
    where = {"household": household, "counts_from": {"$gt": EPOCH}}
    rows = data.rows(Visit, where, ["counts_from"], [("counts_from", -1)], 1)
    return rows[0]["counts_from"] if rows else None


def _middles(data: TenantData, codes: Collection[str]) -> dict[str, Point | None]:
    ids = [f"{data.context.tenant}:{code}" for code in sorted(codes)]
    rows = data.rows(PlaceReplica, {"_id": {"$in": ids}}, ["rough_outline"], limit=ALL)
    return {row["key"]: middle(row.get("rough_outline") or ()) for row in rows}


def _point(middles: dict[str, Point | None], codes: list[str]) -> Point | None:
    """Returns the middle of the smallest place around it that has an outline."""
    return next((at for code in reversed(codes) if (at := middles.get(code))), None)
