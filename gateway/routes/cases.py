"""Cases: every step that somebody takes, and everything that is read of them."""

from __future__ import annotations

from gateway.forms import Id, Note, Path, Text, form
from gateway.tables import Service

cases = Service("cases")

_CASE = "/v1/cases/{case}"

OPERATIONS = [
    cases.reads(_CASE, "get_case", "A case", "whoever sees it"),
    cases.lists("/v1/cases", "list_cases", "Cases", "whoever sees them", state=Id | None),
    cases.creates(
        "/v1/cases",
        "report",
        "Report",
        "anybody",
        _into="report",
        _public=True,
        category=Id,
        place=form("Place", path=Path),
        text=Text,
    ),
    cases.acts(_CASE + "/withdraw", "withdraw", "Withdraw (撤诉)", "the reporter", reason=Note),
]
