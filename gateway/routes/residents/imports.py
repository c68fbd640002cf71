"""Routes of imports of registers."""

from __future__ import annotations

from gateway.api.table import RouteBuilder
from services.residents.api import imports as api
from vocabulary.roles import Permission

residents = RouteBuilder("residents", tag="residents")

OPERATIONS = [
    residents.acts(
        "/v1/imports/residents", "import_residents", "Import up to 500 people of another register",
        Permission.IMPORT_RESIDENTS, api.Register, answer=api.ImportedRegister, bulk=True, timeout=60.0,
    ),
]  # fmt: skip
