"""Deliberations (四方共议): who is called, what was said, and what was decided."""

from __future__ import annotations

from gateway.api.table import ANYBODY, STAFF, Service
from services.cases.api import deliberation as api

cases = Service("cases")

_DELIBERATIONS = "/v1/deliberations"
_DELIBERATION = _DELIBERATIONS + "/{deliberation}"

OPERATIONS = [
    cases.creates(_DELIBERATIONS, "convene", "Convene a deliberation (四方共议)", STAFF, api.Convening),
    cases.lists(
        _DELIBERATIONS, "list_deliberations", "Deliberations", ANYBODY, api.ListedDeliberation, api.ListDeliberations
    ),
    cases.reads(_DELIBERATION, "get_deliberation", "A deliberation", "staff of the area, who is invited"),
    cases.acts(
        _DELIBERATION + "/hold", "hold_deliberation", "Who was there, and the minutes", STAFF,
        api.DeliberationMinutes,
    ),
    cases.acts(
        _DELIBERATION + "/decide", "decide_deliberation", "The decision, and the case that follows", STAFF,
        api.DeliberationDecision,
    ),
    cases.acts(_DELIBERATION + "/cancel", "cancel_deliberation", "Cancel it", STAFF),
]  # fmt: skip
