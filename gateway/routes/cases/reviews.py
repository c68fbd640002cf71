"""Reviews, accountability (问责) and appeals."""

from __future__ import annotations

from gateway.api.table import Service
from services.cases.api import reviews as api

cases = Service("cases", named={"kind": api.Kind})

CENTRE = "centre"
REVIEWED = "the department that it is about"
SEES = "centre, supervisor, the unit"
_PROCEEDING = "/v1/proceedings/{kind}/{proceeding}"

OPERATIONS = [
    cases.lists(
        "/v1/proceedings/{kind}", "list_proceedings", "Reviews or accountability (问责)", SEES, api.ListedProceeding,
        api.ListProceedings,
    ),
    cases.creates(
        "/v1/proceedings/accountability", "hold_accountable", "Open accountability (问责)", CENTRE, api.Grounds
    ),
    cases.reads(_PROCEEDING, "get_proceeding", "One of them", SEES),
    cases.acts(_PROCEEDING + "/hear", "hear_department", "What the department says", REVIEWED, api.Statement),
    cases.acts(_PROCEEDING + "/conclude", "conclude_proceeding", "Conclude it", CENTRE, api.Conclusion),
    cases.acts(_PROCEEDING + "/appeal", "appeal_proceeding", "Appeal (申诉), within 3 days", REVIEWED, api.Appeal),
    cases.acts(_PROCEEDING + "/rule", "rule_on_appeal", "Rule on the appeal (申诉剔除)", CENTRE, api.AppealRuling),
]  # fmt: skip
