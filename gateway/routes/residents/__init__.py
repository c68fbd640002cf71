"""Route table of residents: one file per aggregate."""

from __future__ import annotations

from gateway.routes.residents import categories, dwellings, forms, households, imports, ledgers, needs, people, visits

OPERATIONS = [
    *people.OPERATIONS,
    *households.OPERATIONS,
    *dwellings.OPERATIONS,
    *categories.OPERATIONS,
    *forms.OPERATIONS,
    *imports.OPERATIONS,
    *ledgers.OPERATIONS,
    *needs.OPERATIONS,
    *visits.OPERATIONS,
]
