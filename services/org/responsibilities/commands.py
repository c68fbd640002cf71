"""Use cases of what a tenant decides about its units: responsibility lists, whistle table, powers, sponsors."""

from __future__ import annotations

from chassis.context import Call
from chassis.errors import Invalid
from chassis.messaging.rpc_server import command, query
from chassis.persistence import write_plan
from chassis.persistence.tenant_data import TenantData
from chassis.types import Answer, Id, Listed, Page, Word
from chassis.usecases.pages import listed
from chassis.usecases.records import change, found, named, put, shown
from chassis.usecases.service import Documents, Part
from services.org.access import must_administer
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
from services.org.lookups import require_units, root_of, tier_at
from services.org.posts.unit import Unit
from services.org.responsibilities.authority import GIVEN, OWN, Power
from services.org.responsibilities.list_entry import ListEntry, responsible
from services.org.responsibilities.sponsorship import Sponsorship
from services.org.responsibilities.whistle_rule import WhistleRule, callable_units
from services.org.users.user import User

MOST_ENTRIES = 200
MOST_RULES = 200


class ResponsibilityCommands(Part):
    documents: Documents = (ListEntry, WhistleRule, Power, Sponsorship)

    @command
    def make_list_entry(self, call: Call, entry: NewEntry) -> Answer:
        """From `valid_from` on, `lead` leads matters of the category at the tier. Raises `Overlaps`."""
        data = self.data.of(call)
        must_administer(call.principal, root_of(data))
        require_units(data, "lead", [entry.lead, *entry.supporting])
        earlier = self._entries(data, entry.category, entry.tier)
        for made in earlier:
            if said := write_plan.find_record(made, call):
                return dict(said["a"])
        # Where another entry of the category and tier takes the number meanwhile, this raises `Taken`.
        answer: Answer = data.create(ListEntry, lambda _: ListEntry.make(call.tenant, entry, earlier, call.now), shown)
        return answer

    @command
    def end_list_entry(self, call: Call, entry: Id, form: EntryEnd) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, root_of(data))
        return change(data, ListEntry, entry, lambda made: made.end(form.at or call.now, call.now))

    @query
    def responsible(self, call: Call, form: EntryAt) -> Answer:
        """Raises `NotOnTheList`."""
        entries = self._entries(self.data.of(call), form.category, form.tier)
        return shown(responsible(entries, form.category, form.tier, form.at or call.now))

    @query
    def list_entries(self, call: Call, form: ListEntries) -> Listed[Answer]:
        where = {field: value for field, value in (("category", form.category), ("kind", form.kind)) if value}
        return listed(self.data.of(call), ListEntry, where, form.after, form.limit)

    def _entries(self, data: TenantData, category: str, tier: str) -> list[ListEntry]:
        where = {"category": category, "tier": tier}
        return data.find(ListEntry, where, [("number", 1)], MOST_ENTRIES)

    @command
    def make_whistle_rule(self, call: Call, rule: NewWhistleRule) -> Answer:
        """From now on the `caller` role may whistle for the units."""
        data = self.data.of(call)
        must_administer(call.principal, rule.area)
        tier_at(data, rule.area)
        require_units(data, "units", rule.units)
        made: Answer = data.create(WhistleRule, lambda key: WhistleRule.make(call.tenant, key, rule), shown)
        return made

    @command
    def withdraw_whistle_rule(self, call: Call, rule: Id) -> Answer:
        data = self.data.of(call)
        must_administer(call.principal, data.get(WhistleRule, rule).area)
        return change(data, WhistleRule, rule, WhistleRule.withdraw)

    @query
    def list_whistle_rules(self, call: Call, page: Page) -> Listed[Answer]:
        """The whistle table as it stands."""
        return listed(self.data.of(call), WhistleRule, {"active": True}, page.after, page.limit)

    @query
    def callable_units(self, call: Call, form: MatterAt) -> CallableUnits:
        roles = call.principal.roles
        rules = self.data.of(call).find(
            WhistleRule, {"active": True, "caller": {"$in": sorted(roles)}}, limit=MOST_RULES
        )
        units = {unit for role in roles for unit in callable_units(rules, role, form.category, form.place)}
        return CallableUnits(units=sorted(units))

    @command
    def set_power(self, call: Call, power: Word, form: PowerSetting) -> Answer:
        """Which tiers hold one of the six powers; one of the tenant's own three is named with it."""
        data = self.data.of(call)
        must_administer(call.principal, root_of(data))
        blank = Power.blank(call.tenant, power)
        return put(data, blank, lambda power: power.set(form.tiers, form.name, form.name_zh))

    @query
    def list_powers(self, call: Call) -> Answer:
        """`{items}`: the authority matrix, all six places."""
        data = self.data.of(call)
        return {"items": [shown(_power(data, key)) for key in (*GIVEN, *OWN)]}

    @query
    def require_power(self, call: Call, power: Word) -> HoldingTier:
        """The tier of the caller's area, where it holds the power; raises `PowerNotHeld`."""
        data = self.data.of(call)
        tier = tier_at(data, call.principal.area)
        _power(data, power).require(tier)
        return HoldingTier(tier=tier)

    @command
    def name_sponsor(self, call: Call, form: Sponsor) -> Answer:
        """A leader sponsors a street or community (领导包联)."""
        data = self.data.of(call)
        must_administer(call.principal, form.area)
        named(data, User, form.subject, "subject").require_active()
        return self._name(data, "sponsor", form.area, form.subject)

    @command
    def name_overseer(self, call: Call, form: Overseer) -> Answer:
        """A department oversees a grid (网格监督员)."""
        data = self.data.of(call)
        must_administer(call.principal, form.area)
        department = named(data, Unit, form.unit, "unit")
        department.require_open()
        if not department.serves(form.area):
            raise Invalid(("unit", "a department that serves the grid", "须为服务该网格的部门"))
        return self._name(data, "overseer", form.area, form.unit)

    def _name(self, data: TenantData, kind: SponsorshipKind, area: str, holder: str) -> Answer:
        blank = Sponsorship.blank(data.context.tenant, kind, area, tier_at(data, area))
        return put(data, blank, lambda sponsorship: sponsorship.name(holder))

    @command
    def end_sponsorship(self, call: Call, form: SponsorshipEnd) -> Answer:
        must_administer(call.principal, form.area)
        return change(self.data.of(call), Sponsorship, Sponsorship.key_of(form.kind, form.area), Sponsorship.end)

    @query
    def list_sponsorships(self, call: Call, form: ListSponsorships) -> Listed[Answer]:
        """Who sponsors which street or community, or which department oversees which grid."""
        where = {"kind": form.kind, "active": True}
        return listed(self.data.of(call), Sponsorship, where, form.after, form.limit)


def _power(data: TenantData, key: str) -> Power:
    return found(data, Power, key) or Power.blank(data.context.tenant, key)
