"""Operations of the second tree."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, Service
from services.org.api import party as api

org = Service("org", answer=api.ListedPartyOrganisation)

OPERATIONS = [
    org.lists(
        "/v1/party-organisations",
        "list_party_organisations",
        "The second tree below one; its tops without",
        ANYBODY,
        api.ListedPartyOrganisation,
        api.ListPartyOrganisations,
    ),
    org.creates(
        "/v1/party-organisations",
        "open_party_organisation",
        "Open one of the second tree",
        ADMIN,
        api.OrganisationPlan,
    ),
    org.acts(
        "/v1/party-organisations/{organisation}/close",
        "close_party_organisation",
        "Close one of the second tree",
        ADMIN,
    ),
]
