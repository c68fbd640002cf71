"""Routes of deliberations (四方共议): invitation, minutes, and decision."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.cases.api import deliberation as api
from vocabulary.roles import Permission

cases = RouteBuilder("cases", RecordState, tag="deliberation")

CONVENER = Permission.HOLD_DELIBERATION

_DELIBERATIONS = "/v1/deliberations"
_DELIBERATION = _DELIBERATIONS + "/{deliberation}"

OPERATIONS = [
    cases.creates(
        _DELIBERATIONS, "convene", "Convene a deliberation (四方共议)",
        Permission.CONVENE, api.Convening,
    ),
    cases.lists(
        _DELIBERATIONS, "list_deliberations", "List deliberations", Permission.READ_DELIBERATION,
        api.ListedDeliberation, api.ListDeliberations,
    ),
    cases.reads(
        _DELIBERATION, "get_deliberation", "Get a deliberation", Permission.READ_DELIBERATION,
        answer=api.ShownDeliberation,
    ),
    cases.acts(
        _DELIBERATION + "/hold", "hold_deliberation", "Record attendance and minutes", CONVENER,
        api.DeliberationMinutes,
    ),
    cases.acts(
        _DELIBERATION + "/decide", "decide_deliberation", "Record the decision and the case that follows", CONVENER,
        api.DeliberationDecision,
    ),
    cases.acts(_DELIBERATION + "/cancel", "cancel_deliberation", "Cancel a deliberation", CONVENER),
]  # fmt: skip
