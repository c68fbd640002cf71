"""Routes of ledgers (台账)."""

from __future__ import annotations

from gateway.api.table import RouteBuilder
from services.residents.api import ledgers as api
from vocabulary.roles import Permission

ledgers = RouteBuilder("residents", tag="ledgers")

OPERATIONS = [
    ledgers.figures(
        "/v1/ledgers/{field}", "show_ledger", "Show how many have which value of a field, by what lies below an area",
        Permission.FIND_RESIDENTS, api.LedgerOf, answer=api.Ledger,
    ),
]  # fmt: skip
