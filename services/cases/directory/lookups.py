"""Lookups in the replicas: places, units, post holders, list entries and rows of the whistle table."""

from __future__ import annotations

from collections.abc import Iterator

from chassis.errors import Invalid, NotFound, spoken_fault
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.replicas import Unknown
from chassis.security.principal import Principal
from services.cases.api import steps
from services.cases.case.model.case import Case
from services.cases.case.model.lead_unit import ListEntry, Order, UnitRef, WhistleRule
from services.cases.case.model.post_holders import PostHolder
from services.cases.directory.list_entries import Entry
from services.cases.directory.replicas import (
    AssignmentReplica,
    PlaceReplica,
    UnitReplica,
    WhistleRuleReplica,
    entries_for,
    whistle_rules_for,
)
from vocabulary.categories import with_groups
from vocabulary.places import KnownPlaces, moved

_KIND_OF_TIER = {"county": "centre", "city": "centre"}

_unknown = Unknown()


_places = KnownPlaces(PlaceReplica, _unknown)
require_place = _places.require
place_now = _places.now
places_moved = _places.moved


def unit_of(data: TenantData, unit: str, field: str = "lead") -> UnitRef:
    """Returns a department by id, or a street, community or centre by its division code.

    Raises `Invalid` if the department is closed or the grid merged, `NotKnownYet` if the replica may be on its way.
    """
    try:
        department = data.get(UnitReplica, unit)
        if not department.active:
            raise Invalid(spoken_fault(field, "{unit:unit} has been closed", "{unit:unit}已撤销", unit=unit))
        return UnitRef(id=unit, path=department.path, kind=department.kind)
    except NotFound:
        pass
    try:
        place = data.get(PlaceReplica, unit)
    except NotFound:
        _unknown.raise_for(data, field, unit)
        raise
    if place.merged_into:
        raise Invalid(moved(field, place.merged_into))
    return UnitRef(id=unit, path=place.path, kind=_KIND_OF_TIER.get(place.tier, place.tier))


def holder_of(data: TenantData, by: Principal, subject: str) -> PostHolder:
    """Returns a person with the posts they hold now; for the caller, the post they are acting in."""
    posts = (by,) if subject == by.subject else tuple(_posts_now(data, subject))
    return PostHolder(subject=subject, posts=posts)


def wait_for_posts(data: TenantData, named: PostHolder) -> None:
    """Raises `NotKnownYet` for a person without a post, whose assignment may be on its way."""
    if not named.posts:
        _unknown.wait_for(data, "holder", named.subject)


def _posts_now(data: TenantData, subject: str) -> Iterator[Principal]:
    for held in data.find(AssignmentReplica, {"subject": subject, "ended": {"$ne": True}}, limit=ALL):
        if held.in_force(data.context.now):
            yield Principal(
                tenant=data.context.tenant,
                subject=subject,
                roles=frozenset(held.roles),
                area=held.area,
                unit=held.unit,
                post=held.post,
            )


def order_of(data: TenantData, by: Principal, case: Case, form: steps.Order) -> Order:
    called = tuple(unit_of(data, unit, "called") for unit in form.called)
    return Order(
        lead=unit_of(data, form.lead),
        entry=entry_of(data, case.category, form.lead, form.entry),
        called=called,
        rule=rule_of(data, by, case, {form.lead, *form.called}),
        gap=not _owners(data, case),
    )


def _owners(data: TenantData, case: Case) -> set[str]:
    """Returns the listed leads that could still take the case: not complained about, and have not returned it."""
    leads = {entry.lead for entry in entries_now(data, case.category)}
    return leads - {case.about, *(past.unit for past in case.returns)}


def further_order(data: TenantData, by: Principal, case: Case, units: tuple[str, ...]) -> Order:
    """Returns an order that calls further units beside the present lead, by any entry that names them all."""
    named = (
        ListEntry(id=entry.id, lead=entry.lead, supporting=entry.supporting)
        for entry in entries_now(data, case.category)
        if set(units) <= {entry.lead, *entry.supporting}
    )
    return Order(
        lead=UnitRef(id=case.lead, path=case.lead_path, kind=case.lead_kind),
        entry=next(named, None),
        called=tuple(unit_of(data, unit, "units") for unit in units),
        rule=rule_of(data, by, case, set(units)),
    )


def listed_tiers(data: TenantData, category: str) -> tuple[str, ...]:
    """Returns the tiers at which a list names an owner for the category now; empty if there is a gap."""
    return tuple(sorted({entry.tier for entry in entries_now(data, category)}))


def entry_of(data: TenantData, category: str, lead: str, entry: str = "") -> ListEntry | None:
    """Returns the entry in force that names the lead for the category or one of its groups; None if there is none."""
    for found in entries_now(data, category):
        if found.lead == lead and entry in ("", found.id):
            return ListEntry(id=found.id, lead=found.lead, supporting=found.supporting)
    return None


def require_ground(data: TenantData, category: str, entry: str, proposed: str) -> None:
    """Raises unless the entry is in force for the category and names the unit proposed, as a return's ground must.

    Raises `NotKnownYet` for an entry whose replica may be on its way.
    """
    named = next((found for found in entries_now(data, category) if found.id == entry), None)
    if named is None:
        _unknown.wait_for(data, "entry", entry)
        raise Invalid(
            spoken_fault(
                "entry",
                "{entry:verbatim} is not in force for {category:category}",
                "清单条目{entry:verbatim}不适用于{category:category}",
                entry=entry,
                category=category,
            )
        )
    if proposed not in (named.lead, *named.supporting):
        raise Invalid(
            spoken_fault(
                "entry",
                "{entry:verbatim} does not name {proposed:unit}",
                "清单条目{entry:verbatim}未规定由{proposed:unit}承担",
                entry=entry,
                proposed=proposed,
            )
        )


def rule_of(data: TenantData, by: Principal, case: Case, units: set[str]) -> WhistleRule | None:
    """Returns the row of the whistle table that lets the caller call most of these units; None without a row."""
    rules = [rule for rule in whistle_rules_for(data, by.roles) if _applies(rule, case)]
    best = max(rules, key=lambda rule: len(units & set(rule.units)), default=None)
    return None if best is None else WhistleRule(id=best.key, units=tuple(best.units))


def _applies(rule: WhistleRuleReplica, case: Case) -> bool:
    of_category = not rule.categories or not set(rule.categories).isdisjoint(with_groups(case.category))
    return of_category and bool(rule.area) and case.area.startswith(rule.area)


def entries_now(data: TenantData, category: str) -> list[Entry]:
    """Returns the entries in force for the category, followed by those for its groups."""
    names = with_groups(category)
    holding = (entry for entry in entries_for(data, *names) if entry.holds(data.context.now))
    return sorted(holding, key=lambda entry: names.index(entry.category))
