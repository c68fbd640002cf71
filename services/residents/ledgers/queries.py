"""Query of a ledger (台账): a live view of what is known about one field, by what lies directly below an area."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import query
from chassis.types import Answer, Id
from chassis.usecases.records import get
from services.residents.api import ledgers as api
from services.residents.below import code_below, path_below
from services.residents.dictionary.model import Field
from services.residents.ledgers.sums import require_open, sums_of
from services.residents.records import ResidentsUseCases
from vocabulary.access import require_in_area
from vocabulary.roles import Permission


class LedgerQueries(ResidentsUseCases):
    @query
    def show_ledger(self, call: Call, field: Id, form: api.LedgerOf) -> Answer:
        """How many subjects have which value now: of those that are there, and of values that still hold."""
        require_in_area(call.principal, Permission.FIND_RESIDENTS, form.area)
        data = self.data.of(call)
        found = get(data, Field, field)
        require_open(found)
        sums = sums_of(data, found, form.area, code_below(form.area))
        lines = {path_below(form.area, code): line for code, line in sums.items()}
        items = [{"area": path} | lines[path] | {"counts": _sorted(lines[path])} for path in sorted(lines)]
        return {"field": field, "kind": found.kind, "measure": found.measure, "items": items}


def _sorted(line: Answer) -> dict[str, int]:
    return dict(sorted(line["counts"].items()))
