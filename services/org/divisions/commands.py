"""Commands and queries of divisions."""

from __future__ import annotations

from chassis.context import Call
from chassis.entrypoints.rpc_server import command, query
from chassis.types import Answer, Listed
from chassis.usecases.pages import listed
from chassis.usecases.records import change, state_answer
from chassis.usecases.service import Documents, UseCases
from services.org.administrators import require_administrator_of_all
from services.org.api.divisions import DivisionRows, ListDivisions, Outline
from services.org.api.types import Code, ImportReport
from services.org.divisions.bulk_import import DivisionImport
from services.org.divisions.model.division import Division
from services.org.lookups import administered, outline_around, outlines_inside
from services.org.tenants.model.tenant import Tenant
from vocabulary.roles import Role


class DivisionCommands(UseCases):
    """Commands and queries of divisions."""

    documents: Documents = (Division,)

    @command
    def import_divisions(self, call: Call, form: DivisionRows) -> ImportReport:
        """Imports up to 500 rows, parents before or with their children; idempotent. The operator may import too."""
        data = self.data.of(call)
        tenant = data.get(Tenant, call.tenant)
        if not call.principal.has(Role.OPERATOR):
            require_administrator_of_all(call.principal, tenant.path)
        return DivisionImport(data, tenant).run(form.rows)

    @command
    def draw_division(self, call: Call, division: Code, form: Outline) -> Answer:
        """Sets the outline of a division; it lies in that of the place around, and around those inside.

        To move a whole tree, draw its root around the old and the new place first.
        """
        data = self.data.of(call)
        path = administered(data, call.principal, Division, division).path
        around, inside = outline_around(data, path), outlines_inside(data, division)
        return change(data, Division, division, lambda each: each.draw(form.outline, around, inside))

    @query
    def get_division(self, call: Call, division: Code) -> Answer:
        return state_answer(self.data.of(call).get(Division, division))

    @query
    def list_divisions(self, call: Call, form: ListDivisions) -> Listed[Answer]:
        return listed(self.data.of(call), Division, {"parent": form.parent}, form.after, form.limit)
