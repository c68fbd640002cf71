"""Routes of proceedings: reviews, accountability (问责) and appeals."""

from __future__ import annotations

from gateway.api.table import RouteBuilder
from services.cases.api import reviews as api
from vocabulary.roles import Permission

cases = RouteBuilder("cases", api.ProceedingStep, named={"kind": api.ProceedingKind}, tag="proceedings")

REVIEWED = Permission.ANSWER_PROCEEDING
SEES = Permission.READ_PROCEEDINGS
NEVER_OWN = "never about its own unit"
_PROCEEDING = "/v1/proceedings/{kind}/{proceeding}"

OPERATIONS = [
    cases.lists(
        "/v1/proceedings/{kind}", "list_proceedings", "List reviews or accountability proceedings (问责)", SEES,
        api.ListedProceeding, api.ListProceedings,
    ),
    cases.creates(
        "/v1/proceedings/accountability", "hold_accountable", "Open an accountability proceeding (问责)",
        Permission.HOLD_ACCOUNTABLE, api.Grounds, condition=NEVER_OWN,
    ),
    cases.reads(_PROCEEDING, "get_proceeding", "Get a proceeding", SEES, answer=api.ShownProceeding),
    cases.acts(_PROCEEDING + "/hear", "hear_department", "Record the department's statement", REVIEWED, api.Statement),
    cases.acts(
        _PROCEEDING + "/conclude", "conclude_proceeding", "Conclude a proceeding", Permission.CONCLUDE, api.Conclusion,
        condition=NEVER_OWN,
    ),
    cases.acts(_PROCEEDING + "/appeal", "appeal_proceeding", "Appeal (申诉) within 3 days", REVIEWED, api.Appeal),
    cases.acts(
        _PROCEEDING + "/rule", "rule_on_appeal", "Rule on an appeal (申诉剔除)", Permission.RULE_ON_APPEAL,
        api.AppealRuling, condition=NEVER_OWN,
    ),
]  # fmt: skip
