"""Routes of tenants."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, RouteBuilder
from services.org.api import tenants as api
from vocabulary.roles import Permission

org = RouteBuilder("org", answer=api.ShownTenant, tag="tenant")

OPERATIONS = [
    org.reads("/v1/tenant", "get_tenant", "Get the city and its settings", ANYBODY),
    org.patches(
        "/v1/tenant",
        "change_settings",
        "Change some settings of the city; the answer says what changed",
        (ADMIN, Permission.OPERATE),
        api.ShownTenant,
        answer=api.ChangedTenant,
    ),
    org.creates(
        "/v1/tenant",
        "open_tenant",
        "Open the city that the token names",
        Permission.OPERATE,
        api.TenantOpening,
        batched=False,
    ),
]
