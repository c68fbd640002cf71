"""English labels for codes in the data of problems, where the code in plain words says too little or is no English.

A state stands after "is", unless its problem says otherwise; a label after a preposition brings its article.
"""

from __future__ import annotations

from services.cases.case.acts import Act
from services.cases.case.texts_zh import Labels
from vocabulary.roles import Permission
from vocabulary.tiers import Tier

ACTS: Labels = {**Permission.en_names(), **Act.en_names()}

CASE_STATES: Labels = {
    "VERIFYING": "being verified",
    "SELF_RESOLVED": "solved on the spot",
    "WHISTLED": "whistled for",
    "INSPECTING": "being inspected",
    "REWORK": "being reworked",
}
#: What the unit did, or what became of it.
CALL_STATES: Labels = {
    "CALLED": "has been called",
    "REPORTED_IN": "has reported in",
    "DISPUTED": "has disputed the call",
    "NO_SHOW": "has not reported in in time",
    "RELEASED": "has been released",
    "the lead": "leads the case",
}
REQUESTS: Labels = {"transfer": "a transfer", "extension": "an extension", "suspension": "a suspension"}
#: What became of the request.
REQUEST_STATES: Labels = {
    "ASKED": "is pending",
    "GRANTED": "was granted",
    "REFUSED": "was refused",
    "LAPSED": "has lapsed",
    "ENDED": "has ended",
}
MEDIATION_STATES: Labels = {"AGREED": "settled", "FAILED": "closed without an agreement"}
PROCEEDING_STATES: Labels = {"STRUCK": "struck out"}
#: Whose step it is.
OWNERS: Labels = {
    **{tier: f"the {name}" for tier, name in Tier.en_names().items()},
    "party": "the parties",
    "mediator": "the mediator",
    "invited": "those who are invited",
    "intake": "whoever took the report",
}
CAPACITIES: Labels = {"party": "a party", "mediator": "a mediator", "invited": "somebody invited"}
DELIBERATIONS: Labels = {
    "needs_meeting": "needs meeting",
    "four_party": "four-party council",
    "council": "council of the member units",
    "talk": "village talk",
    "building_forum": "building forum",
}
INVITEES: Labels = {
    "community": "the community",
    "owners": "the owners' committee",
    "property": "the property company",
    "residents": "the residents",
    "building_head": "the building head",
    "member_unit": "a member unit",
    "department": "a department",
    "other": "another party",
}

LISTS: Labels = {
    "duties": "list of duties",
    "public_services": "list of public services",
    "territorial": "list of territorial matters",
}
NO_MERGE: Labels = {
    "itself": "a case cannot be merged into itself",
    "personal_claim": "a personal claim stays a case of its own",
    "target_not_open": "the case to merge into is no longer open",
    "complaint": "they are not complaints about the same unit",
    "not_screened": "a confidential report is not screened yet",
    "has_children": "other cases are merged into this one",
}
NO_GROUNDS: Labels = {
    "not_founded": "no review was founded",
    "not_breached": "no limit was breached",
    "not_low": "satisfaction is not low",
}
