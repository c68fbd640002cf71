"""Routes of responsibilities: lists, whistle table, authority matrix, sponsors and overseers."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, RouteBuilder
from services.org.api import responsibilities as api
from vocabulary.fields import EntryId

entries = RouteBuilder("org", answer=api.ListedEntry, named={"entry": EntryId}, tag="responsibilities")
rules = RouteBuilder("org", answer=api.ListedWhistleRule, tag="responsibilities")
powers = RouteBuilder("org", answer=api.ListedPower, tag="responsibilities")
sponsors = RouteBuilder("org", answer=api.ListedSponsorship, tag="responsibilities")

OPERATIONS = [
    entries.lists(
        "/v1/list-entries",
        "list_entries",
        "List the entries of the responsibility lists (三张清单)",
        ANYBODY,
        api.ListedEntry,
        api.ListEntries,
    ),
    entries.creates(
        "/v1/list-entries", "make_list_entry", "Add an entry to a responsibility list", ADMIN, api.NewEntry
    ),
    entries.acts("/v1/list-entries/{entry}/end", "end_list_entry", "End an entry", ADMIN, api.EntryEnd),
    entries.reads(
        "/v1/responsible", "responsible", "Find the entry that applies to a category at a tier", ANYBODY, api.EntryAt
    ),
    rules.lists(
        "/v1/whistle-rules", "list_whistle_rules", "List the rules of the whistle table", ANYBODY, api.ListedWhistleRule
    ),
    rules.creates(
        "/v1/whistle-rules", "make_whistle_rule", "Allow a role to whistle for units", ADMIN, api.NewWhistleRule
    ),
    rules.acts("/v1/whistle-rules/{rule}/withdraw", "withdraw_whistle_rule", "Withdraw a whistle rule", ADMIN),
    rules.reads(
        "/v1/callable-units",
        "callable_units",
        "List the units that the caller may whistle for",
        ANYBODY,
        api.MatterAt,
        answer=api.CallableUnits,
    ),
    powers.reads(
        "/v1/powers", "list_powers", "Get the authority matrix (六项权力)", ANYBODY, answer=api.AuthorityMatrix
    ),
    powers.sets("/v1/powers/{power}", "set_power", "Set the tiers that hold a power", ADMIN, api.PowerSetting),
    powers.reads(
        "/v1/powers/{power}/mine",
        "require_power",
        "Check that the caller's tier holds a power; 403 if not",
        ANYBODY,
        answer=api.HoldingTier,
    ),
    sponsors.lists(
        "/v1/sponsorships",
        "list_sponsorships",
        "List sponsors or overseers",
        ANYBODY,
        api.ListedSponsorship,
        api.ListSponsorships,
    ),
    sponsors.sets(
        "/v1/sponsors", "name_sponsor", "Name the leader who sponsors a street or community", ADMIN, api.Sponsor
    ),
    sponsors.sets("/v1/overseers", "name_overseer", "Name the department that oversees a grid", ADMIN, api.Overseer),
    sponsors.acts(
        "/v1/sponsorships/end", "end_sponsorship", "End a sponsorship or an oversight", ADMIN, api.SponsorshipEnd
    ),
]
