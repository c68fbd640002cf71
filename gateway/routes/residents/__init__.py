"""Route table of residents: one file per aggregate."""

from __future__ import annotations

from gateway.routes.residents import (
    categories,
    dwellings,
    forms,
    households,
    imports,
    joins,
    ledgers,
    needs,
    own_record,
    people,
    readings,
    reports,
    rights_requests,
    tables,
    visits,
)

OPERATIONS = [
    *joins.OPERATIONS,
    *own_record.OPERATIONS,
    *rights_requests.OPERATIONS,
    *people.OPERATIONS,
    *households.OPERATIONS,
    *dwellings.OPERATIONS,
    *categories.OPERATIONS,
    *forms.OPERATIONS,
    *imports.OPERATIONS,
    *ledgers.OPERATIONS,
    *reports.OPERATIONS,
    *tables.OPERATIONS,
    *needs.OPERATIONS,
    *visits.OPERATIONS,
    *readings.OPERATIONS,
]
