"""Routes of divisions."""

from __future__ import annotations

from gateway.api.table import ADMIN, ANYBODY, RouteBuilder
from services.org.api import divisions as api
from services.org.api.types import ImportReport

org = RouteBuilder("org", answer=api.ListedDivision, tag="divisions")

OPERATIONS = [
    org.lists(
        "/v1/divisions",
        "list_divisions",
        "List the divisions below a parent, or the root",
        ANYBODY,
        api.ListedDivision,
        api.ListDivisions,
    ),
    org.acts(
        "/v1/divisions/import",
        "import_divisions",
        "Import up to 500 divisions",
        ADMIN,
        api.DivisionRows,
        answer=ImportReport,
        bulk=True,
    ),
    org.reads("/v1/divisions/{division}", "get_division", "Get a division", ANYBODY),
    org.sets("/v1/divisions/{division}/outline", "draw_division", "Draw the outline of a division", ADMIN, api.Outline),
]
