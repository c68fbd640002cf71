"""Route table of residents: one file per aggregate."""

from __future__ import annotations

from gateway.routes.residents import categories, dwellings, forms, households, imports, needs, people, visits

OPERATIONS = [
    *people.OPERATIONS,
    *households.OPERATIONS,
    *dwellings.OPERATIONS,
    *categories.OPERATIONS,
    *forms.OPERATIONS,
    *imports.OPERATIONS,
    *needs.OPERATIONS,
    *visits.OPERATIONS,
]
