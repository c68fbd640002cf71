"""Routes of deliberations (四方共议): invitation, minutes, and decision."""

from __future__ import annotations

from gateway.api.table import ANYBODY, STAFF, Service
from services.cases.api import deliberation as api

cases = Service("cases")

_DELIBERATIONS = "/v1/deliberations"
_DELIBERATION = _DELIBERATIONS + "/{deliberation}"

OPERATIONS = [
    cases.creates(_DELIBERATIONS, "convene", "Convene a deliberation (四方共议)", STAFF, api.Convening),
    cases.lists(
        _DELIBERATIONS, "list_deliberations", "List deliberations", ANYBODY, api.ListedDeliberation,
        api.ListDeliberations,
    ),
    cases.reads(_DELIBERATION, "get_deliberation", "Get a deliberation", "staff of the area, and those invited"),
    cases.acts(
        _DELIBERATION + "/hold", "hold_deliberation", "Record attendance and minutes", STAFF,
        api.DeliberationMinutes,
    ),
    cases.acts(
        _DELIBERATION + "/decide", "decide_deliberation", "Record the decision and the case that follows", STAFF,
        api.DeliberationDecision,
    ),
    cases.acts(_DELIBERATION + "/cancel", "cancel_deliberation", "Cancel a deliberation", STAFF),
]  # fmt: skip
