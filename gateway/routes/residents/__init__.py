"""Route table of residents: one file per aggregate."""

from __future__ import annotations

from gateway.routes.residents import dwellings, forms, households, imports, people

OPERATIONS = [*people.OPERATIONS, *households.OPERATIONS, *dwellings.OPERATIONS, *imports.OPERATIONS, *forms.OPERATIONS]
