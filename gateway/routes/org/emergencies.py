"""Routes of emergency mode."""

from __future__ import annotations

from gateway.api.table import ANYBODY, RouteBuilder
from services.org.api import emergencies as api
from vocabulary.roles import Permission

CENTRE = Permission.DECLARE_EMERGENCY
org = RouteBuilder("org", answer=api.ListedEmergency, tag="emergencies")

OPERATIONS = [
    org.lists(
        "/v1/emergencies",
        "list_emergencies",
        "List emergencies by state",
        ANYBODY,
        api.ListedEmergency,
        api.ListEmergencies,
    ),
    org.creates(
        "/v1/emergencies",
        "declare_emergency",
        "Declare emergency mode; it expires by itself",
        CENTRE,
        api.Declaration,
    ),
    org.acts("/v1/emergencies/{emergency}/end", "end_emergency", "End emergency mode early", CENTRE),
]
