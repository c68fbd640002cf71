"""Commands and queries of responsibilities: responsibility lists, whistle table, authority matrix and sponsors."""

from __future__ import annotations

from collections.abc import Callable

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.errors import Invalid
from chassis.persistence.tenant_data import ALL, TenantData
from chassis.types import Answer, Id, Listed, Page, Word
from chassis.usecases.pages import listed
from chassis.usecases.records import change, create, found, named, put, state_answer
from chassis.usecases.service import Documents, UseCases
from services.org.administrators import require_administrator, require_administrator_of_all
from services.org.api.responsibilities import (
    CallableUnits,
    EntryAt,
    EntryEnd,
    HoldingTier,
    ListEntries,
    ListSponsorships,
    MatterAt,
    NewEntry,
    NewWhistleRule,
    Overseer,
    PowerSetting,
    Sponsor,
    SponsorshipEnd,
    SponsorshipKind,
)
from services.org.lookups import administered, require_units, root_of, tier_at
from services.org.posts.model.unit import Unit
from services.org.responsibilities.model.authority import CUSTOM_POWERS, STANDARD_POWERS, Power
from services.org.responsibilities.model.list_entry import ListEntry, entry_in_force
from services.org.responsibilities.model.sponsorship import Sponsorship
from services.org.responsibilities.model.whistle_rule import WhistleRule, callable_units
from services.org.users.model import User
from vocabulary.categories import with_groups
from vocabulary.fields import EntryId


class ResponsibilityCommands(UseCases):
    """Commands and queries of list entries, whistle rules, powers and sponsorships."""

    documents: Documents = (ListEntry, WhistleRule, Power, Sponsorship)

    @command
    def make_list_entry(self, call: Call, entry: NewEntry) -> Answer:
        """Adds a list entry: from `valid_from` on, `lead` leads matters of the category at the tier.

        Raises `Overlaps`.
        """
        data = self.data.of(call)
        require_administrator_of_all(call.principal, root_of(data))

        def build(_: str) -> ListEntry:
            require_units(data, "lead", [entry.lead, *entry.supporting])
            return ListEntry.make(call.tenant, entry, self._entries(data, [entry.category], entry.tier), call.now)

        # If a concurrent entry of this category and tier takes the number, this raises `Taken`.
        return create(data, ListEntry, build)

    @command
    def end_list_entry(self, call: Call, entry: EntryId, form: EntryEnd) -> Answer:
        data = self.data.of(call)
        require_administrator_of_all(call.principal, root_of(data))
        return change(data, ListEntry, entry, lambda each: each.end(form.at or call.now, call.now))

    @query
    def responsible(self, call: Call, form: EntryAt) -> Answer:
        """Returns the entry in force for a category, or for its nearest group, at a tier. Raises `NotOnTheList`."""
        entries = self._entries(self.data.of(call), with_groups(form.category), form.tier)
        return state_answer(entry_in_force(entries, form.category, form.tier, form.at or call.now))

    @query
    def list_entries(self, call: Call, form: ListEntries) -> Listed[Answer]:
        where = {field: value for field, value in (("category", form.category), ("kind", form.kind)) if value}
        return listed(self.data.of(call), ListEntry, where, form.after, form.limit)

    def _entries(self, data: TenantData, categories: list[str], tier: str) -> list[ListEntry]:
        where = {"category": {"$in": categories}, "tier": tier}
        return data.find(ListEntry, where, [("number", 1)], ALL)

    @command
    def make_whistle_rule(self, call: Call, rule: NewWhistleRule) -> Answer:
        """Adds a rule to the whistle table: the `caller` role may whistle for the units."""
        data = self.data.of(call)
        require_administrator(call.principal, rule.area)

        def build(key: str) -> WhistleRule:
            tier_at(data, rule.area)
            require_units(data, "units", rule.units)
            return WhistleRule.make(call.tenant, key, rule)

        return create(data, WhistleRule, build)

    @command
    def withdraw_whistle_rule(self, call: Call, rule: Id) -> Answer:
        data = self.data.of(call)
        administered(data, call.principal, WhistleRule, rule)
        return change(data, WhistleRule, rule, WhistleRule.withdraw)

    @query
    def list_whistle_rules(self, call: Call, page: Page) -> Listed[Answer]:
        """Lists the active rules of the whistle table."""
        return listed(self.data.of(call), WhistleRule, {"active": True}, page.after, page.limit)

    @query
    def callable_units(self, call: Call, form: MatterAt) -> CallableUnits:
        """Returns the units that the caller's roles may whistle for in such a matter."""
        roles = call.principal.roles
        rules = self.data.of(call).find(WhistleRule, {"active": True, "caller": {"$in": sorted(roles)}}, limit=ALL)
        units = {unit for role in roles for unit in callable_units(rules, role, form.category, form.place)}
        return CallableUnits(units=sorted(units))

    @command
    def set_power(self, call: Call, power: Word, form: PowerSetting) -> Answer:
        """Sets the tiers that hold one of the six powers, and the names of a custom one."""
        data = self.data.of(call)
        require_administrator_of_all(call.principal, root_of(data))
        blank = Power.blank(call.tenant, power)
        return put(data, blank, lambda power: power.set(form.tiers, form.name, form.name_zh))

    @query
    def list_powers(self, call: Call) -> Answer:
        """Returns the authority matrix: all six powers as `items`."""
        data = self.data.of(call)
        powers = [_power(data, key) for key in (*STANDARD_POWERS, *CUSTOM_POWERS)]
        # A power that was never set has version 0: it is not stored, nor about to be.
        return {"items": [state_answer(power) | {"version": power.version} for power in powers]}

    @query
    def require_power(self, call: Call, power: Word) -> HoldingTier:
        """Returns the tier of the caller's area if it holds the power. Raises `PowerNotHeld`."""
        data = self.data.of(call)
        tier = tier_at(data, call.principal.area)
        _power(data, power).require(tier)
        return HoldingTier(tier=tier)

    @command
    def name_sponsor(self, call: Call, form: Sponsor) -> Answer:
        """Names the leader who sponsors a street or community (领导包联)."""
        data = self.data.of(call)
        require_administrator(call.principal, form.area)

        def require_active() -> None:
            named(data, User, form.subject, "subject").require_active()

        return self._name(data, "sponsor", form.area, form.subject, require_active)

    @command
    def name_overseer(self, call: Call, form: Overseer) -> Answer:
        """Names the department that oversees a grid (网格监督员)."""
        data = self.data.of(call)
        require_administrator(call.principal, form.area)

        def require_serving() -> None:
            department = named(data, Unit, form.unit, "unit")
            department.require_open()
            if not department.serves(form.area):
                raise Invalid(("unit", "must be a department that serves the grid", "须为服务该网格的部门"))

        return self._name(data, "overseer", form.area, form.unit, require_serving)

    def _name(
        self, data: TenantData, kind: SponsorshipKind, area: str, holder: str, require: Callable[[], None]
    ) -> Answer:
        """`require`: who may be named; not asked again for a request that is repeated."""

        def name(sponsorship: Sponsorship) -> None:
            require()
            sponsorship.name(holder)

        blank = Sponsorship.blank(data.context.tenant, kind, area, tier_at(data, area))
        return put(data, blank, name)

    @command
    def end_sponsorship(self, call: Call, form: SponsorshipEnd) -> Answer:
        require_administrator(call.principal, form.area)
        return change(self.data.of(call), Sponsorship, Sponsorship.key_of(form.kind, form.area), Sponsorship.end)

    @query
    def list_sponsorships(self, call: Call, form: ListSponsorships) -> Listed[Answer]:
        """Lists the active sponsors of streets and communities, or the overseers of grids."""
        where = {"kind": form.kind, "active": True}
        return listed(self.data.of(call), Sponsorship, where, form.after, form.limit)


def _power(data: TenantData, key: str) -> Power:
    return found(data, Power, key) or Power.blank(data.context.tenant, key)
