"""Routes of the second tree: party organisations."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, RouteBuilder
from services.org.api import party as api

org = RouteBuilder("org", answer=api.ListedPartyOrganisation, tag="party organisations")

OPERATIONS = [
    org.lists(
        "/v1/party-organisations",
        "list_party_organisations",
        "List the party organisations below a parent, or the top ones",
        ANYBODY,
        api.ListedPartyOrganisation,
        api.ListPartyOrganisations,
    ),
    org.creates(
        "/v1/party-organisations",
        "open_party_organisation",
        "Open a party organisation",
        ADMIN,
        api.OrganisationPlan,
    ),
    org.acts(
        "/v1/party-organisations/{organisation}/close",
        "close_party_organisation",
        "Close a party organisation",
        ADMIN,
    ),
]
