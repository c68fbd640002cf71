"""Queries of analytics: indicators, daily report, hot spots, possible duplicates, suggested units."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.errors import Invalid
from chassis.persistence.tenant_data import TenantData
from chassis.security.principal import Principal, codes_of
from chassis.types import Answer, Id, Listed
from chassis.usecases.records import found, get
from chassis.usecases.service import SealingUseCases
from chassis.usecases.visibility import require_seen
from services.cases.analytics.duplicates import candidates, cells_to_search, sketch
from services.cases.analytics.hot_spots import EARLIER, Sighting, hot_spots
from services.cases.analytics.model.facts import CaseFacts, Rollup
from services.cases.analytics.model.indicators import DEFINITIONS, indicators
from services.cases.analytics.projection import sketch_key
from services.cases.analytics.unit_suggestions import Record, suggestions
from services.cases.api import analytics as api
from services.cases.api.states import State
from services.cases.case.model.case import Case
from services.cases.case.model.geo_cells import cell_of
from services.cases.case.model.permissions import require_permission
from services.cases.case.model.states import OPEN
from services.cases.case.model.visibility import without_complaints
from services.cases.directory import replicas
from services.cases.directory.spoken import Spoken
from vocabulary.categories import with_groups
from vocabulary.rights import Resource, may
from vocabulary.roles import Permission

_COUNTS = sorted({"on_the_spot"} | {n for d in DEFINITIONS.values() for n in (d.counted, d.of, d.asked) if n})
_MOST_SIGHTINGS = 50_000
_MOST_NEAR = 200
_MOST_SUGGESTED = 5
_LONGEST = timedelta(days=366)
_RECENT = timedelta(days=180)


class TooMany(Invalid):
    """More cases than one analysis reads."""

    code = "analysis.too_many"
    en = "This analysis would read more than {most} cases. Choose a smaller area or a shorter period."
    zh = "本次分析涉及的案件超过 {most} 件，请缩小区域或缩短时段。"


class AnalyticsQueries(SealingUseCases):
    @query
    def get_indicators(self, call: Call, asked: api.Indicators) -> Listed[Answer]:
        """Indicators for whole local days, by area (default: the caller's) and department, never by person.

        `split` gives one line per area below, department or day; what lies at the area itself, as that of a case which
        spans several areas below, is a line of its own. `leaving`: small counts are suppressed.
        """
        where, depth = _counted_for(call.principal, asked.area or "", asked.unit)
        since, until, split = asked.since, asked.until, asked.split
        if not since <= until <= since + _LONGEST:
            raise Invalid(("until", "must be within a year from `since` on", "不得早于 since，且跨度不超过一年"))
        where |= {"day": {"$gte": since.isoformat(), "$lte": until.isoformat()}} | without_complaints(call.principal)
        below = {"$arrayElemAt": ["$codes", depth]}
        area = {"$cond": [{"$gt": [{"$size": "$codes"}, depth]}, below, {"$arrayElemAt": ["$codes", -1]}]}
        by: Any = {None: None, "unit": "$unit", "day": "$day", "area": area}[split]
        sums = {f"{kind}_{name}": {"$sum": f"${kind}.{name}"} for kind in ("counts", "struck") for name in _COUNTS}
        rows = self.data.of(call).aggregate(Rollup, where, [{"$group": {"_id": by, **sums}}])
        lines = sorted((row for row in rows if split != "unit" or row["_id"]), key=lambda row: str(row["_id"]))
        return Listed(items=[_line(row, split, asked.leaving) for row in lines])

    @query
    def get_daily_report(self, call: Call, day: date) -> Answer:
        """日报 of a community, street or centre: the day's figures, and what was open, late or returned at its end.

        The end is that of the local day; today's is now.
        """
        require_permission(call.principal, Permission.READ_DAILY_REPORT, on=Resource(area=call.principal.area))
        where, _ = _counted_for(call.principal, "", "")
        data = self.data.of(call)
        sums = {name: {"$sum": f"$counts.{name}"} for name in _COUNTS}
        others = without_complaints(call.principal)
        counted = data.aggregate(Rollup, where | {"day": day.isoformat()} | others, [{"$group": {"_id": None, **sums}}])
        figures = {name: count for name, count in (counted[0] if counted else {}).items() if name != "_id" and count}
        return {
            "day": day,
            "counts": figures,
            **_standing(self._cases_of(data, {"areas": where["codes"]} | others, day)),
        }

    @staticmethod
    def _cases_of(data: TenantData, where: Answer, day: date) -> Iterable[tuple[str, str, int]]:
        """Yields how many cases among `where` had each state and mark at the end of the local day."""
        end = min(replicas.limits_of(data).calendar.day(day + timedelta(days=1)), data.context.now)
        known = where | {"reported_at": {"$lte": end}}
        # What has not changed its state since is as it was; only the rest is worth a look into its history.
        as_it_was = known | {"state": {"$in": sorted(OPEN)}, "state_since": {"$lte": end}}
        changed = known | {"state_since": {"$gt": end}}
        for cases, state in ((as_it_was, "$state"), (changed, _state_at(end))):
            alike = {"_id": {"state": state, "mark": _mark_at(end)}, "cases": {"$sum": 1}}
            for row in data.aggregate(Case, cases, [{"$group": alike}]):
                if row["_id"]["state"] in OPEN:
                    yield row["_id"]["state"], row["_id"]["mark"], row["cases"]

    @query
    def list_hot_spots(self, call: Call, asked: api.HotSpots) -> Listed[Answer]:
        """Places with unusually many cases of a category, compared with the four windows before."""
        where, _ = _counted_for(call.principal, asked.area or "", "", "lead")
        where |= without_complaints(call.principal, "about_unit")
        data = self.data.of(call)
        calendar = replicas.limits_of(data).calendar
        where["reported_at"] = {
            "$gte": calendar.day(asked.since - timedelta(days=asked.days * EARLIER)),
            "$lt": calendar.day(asked.since + timedelta(days=asked.days)),
        }
        rows = data.rows(CaseFacts, where, ["cell", "category", "reported_at"], limit=_MOST_SIGHTINGS + 1)
        if len(rows) > _MOST_SIGHTINGS:
            raise TooMany(("days", "too many cases", "案件过多"), most=_MOST_SIGHTINGS)
        spots = hot_spots(_sightings(rows, ZoneInfo(calendar.zone)), asked.since, asked.days, asked.leaving)
        return Listed(items=[msgspec.structs.asdict(spot) for spot in spots])

    @query
    def suggest_duplicates(self, call: Call, typed: api.TypedReport) -> Listed[Answer]:
        """Open cases nearby that may be the same matter as the report being typed, without their text."""
        require_permission(call.principal, Permission.SUGGEST_DUPLICATES)
        data = self.data.of(call)
        cell = cell_of(typed.lon, typed.lat)
        rows = data.rows(
            CaseFacts,
            {"cell": {"$in": cells_to_search(cell)}, "open": True} | without_complaints(call.principal, "about_unit"),
            ["cell", "category", "sketch", "reported_at", "state", "lead"],
            [("reported_at", -1)],
            _MOST_NEAR,
        )
        typed_sketch = sketch(typed.text or "", sketch_key(self.keys, call.tenant))
        likely = candidates(rows, cell=cell, category=typed.category, typed=typed_sketch, now=call.now)
        facts = {row["key"]: row for row in rows}
        # What the caller does not see must not take the place of what they see.
        seen = islice((one for one in likely if found(data, Case, one.case)), _MOST_SUGGESTED)
        return Listed(
            items=[
                {name: facts[one.case].get(name) for name in ("state", "category", "lead", "reported_at")}
                | msgspec.structs.asdict(one)
                for one in seen
            ]
        )

    @query
    def suggest_units(self, call: Call, case: Id) -> Listed[Answer]:
        """Units to dispatch to, from the responsibility lists, each with a reason in both languages."""
        data = self.data.of(call)
        document = get(data, Case, case)
        require_permission(call.principal, Permission.SUGGEST_UNITS)
        entries = replicas.entries_for(data, *with_groups(document.category))
        suggested = suggestions(
            entries,
            category=document.category,
            tier=document.tier,
            now=call.now,
            records=self._records(data, call.principal, document.category, {entry.lead for entry in entries}),
            about=document.about,
            returned_by=frozenset(given_back.unit for given_back in document.returns),
            words=Spoken(data),
        )
        return Listed(items=[msgspec.structs.asdict(one) for one in suggested])

    @staticmethod
    def _records(data: TenantData, by: Principal, category: str, units: set[str]) -> dict[str, Record]:
        """Returns how many first dispatches of the category to these units were right, over the last 180 days."""
        where = {
            "dispatched_to": {"$in": sorted(units)},
            "category": category,
            "dispatched_at": {"$gte": data.context.now - _RECENT},
        } | without_complaints(by, "about_unit")
        wrong = {"$sum": {"$cond": ["$misdirected", 1, 0]}}
        group = {"_id": "$dispatched_to", "dispatched": {"$sum": 1}, "wrong": wrong}
        rows = data.aggregate(CaseFacts, where, [{"$group": group}])
        return {row["_id"]: Record(row["dispatched"], row["dispatched"] - row["wrong"]) for row in rows}


def _counted_for(by: Principal, area: str, unit: str, of: str = "unit") -> tuple[dict[str, Any], int]:
    """Returns the filter for what the caller may see (staff: their area; a department: itself), and its depth.

    `of`: the field that names the unit, in rollups or in facts.
    """
    if may(by, Permission.READ_INDICATORS, Resource(area=by.area)):
        area = area or by.area
        require_seen(by.covers(area))
        codes = codes_of(area)
        return {"codes": codes[-1]} | ({of: unit} if unit else {}), len(codes)
    require_permission(by, Permission.READ_INDICATORS, on=Resource(units=(by.unit,)))
    require_seen(unit in ("", by.unit) and not area)
    return {of: by.unit}, 1


def _state_at(moment: datetime) -> Answer:
    """Returns the expression for what a case was at a past moment, from the steps that it had taken by then."""
    by_then = {"$and": [{"$lte": ["$$this.at", moment]}, {"$gt": ["$$this.to", ""]}]}
    return {
        "$reduce": {"input": "$history", "initialValue": "", "in": {"$cond": [by_then, "$$this.to", "$$value"]}},
    }


def _mark_at(moment: datetime) -> dict[str, Any]:
    """Returns the expression for a case's mark at the moment, by the due moment and the reminder that it has now."""
    never = moment + timedelta(days=1)
    passed = {name: {"$lte": [{"$ifNull": [f"${name}", never]}, moment]} for name in ("due", "clock.reminder_at")}
    return {"$cond": [passed["due"], "red", {"$cond": [passed["clock.reminder_at"], "yellow", ""]}]}


def _standing(cases: Iterable[tuple[str, str, int]]) -> Answer:
    """Returns `open` by state, `marks` (yellow, red), and how many cases `came_back`."""
    states: Counter[str] = Counter()
    marks: Counter[str] = Counter()
    for state, mark, count in cases:
        states[state] += count
        marks[mark] += count
    came_back = sum(states[state] for state in (State.RETURNED, State.REWORK, State.REOPENED))
    return {"open": states, "marks": {mark: marks[mark] for mark in ("yellow", "red")}, "came_back": came_back}


def _line(row: dict[str, Any], split: api.Split | None, leaving: bool) -> Answer:
    counts = {name: row[f"counts_{name}"] for name in _COUNTS}
    struck = {name: row[f"struck_{name}"] for name in _COUNTS}
    shown: Answer = {"indicators": indicators(counts, struck, leaving)}
    if not leaving:
        shown["on_the_spot"] = counts["on_the_spot"]
    return shown | ({split: row["_id"]} if split else {})


def _sightings(rows: Iterable[dict[str, Any]], zone: ZoneInfo) -> Iterable[Sighting]:
    for row in rows:
        reported: datetime = row["reported_at"].astimezone(zone)
        if row.get("cell"):
            yield Sighting(row["cell"], row["category"], reported.date(), reported.hour)
