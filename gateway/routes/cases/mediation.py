"""Routes of mediations (矛盾化解)."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.cases.api import mediation as api
from vocabulary.roles import Permission

cases = RouteBuilder("cases", RecordState, tag="mediation")

PARTICIPANT = PARTY = Permission.TAKE_PART
MEDIATOR = Permission.MEDIATE
_MEDIATIONS = "/v1/mediations"
_MEDIATION = _MEDIATIONS + "/{mediation}"

OPERATIONS = [
    cases.creates(_MEDIATIONS, "open_mediation", "Open a mediation", Permission.OPEN_MEDIATION, api.Opening),
    cases.lists(_MEDIATIONS, "list_mediations", "List the caller's mediations", PARTICIPANT, api.ListedMediation),
    cases.reads(_MEDIATION, "get_mediation", "Get a mediation", PARTICIPANT, answer=api.ShownMediation),
    cases.acts(
        _MEDIATION + "/sessions", "hold_mediation_session", "Record a session with its minutes", MEDIATOR,
        api.MediationSession,
    ),
    cases.acts(_MEDIATION + "/agreement", "propose_agreement", "Propose an agreement", MEDIATOR, api.Agreement),
    cases.acts(_MEDIATION + "/sign", "sign_agreement", "Sign the agreement", PARTY),
    cases.acts(_MEDIATION + "/fulfilled", "confirm_fulfilled", "Confirm that the agreement was kept", PARTY),
    cases.acts(_MEDIATION + "/default", "report_default", "Report that the agreement was broken", PARTY),
    cases.acts(_MEDIATION + "/leave", "leave_mediation", "Leave the mediation", PARTY),
    cases.acts(
        _MEDIATION + "/give-up", "give_up_mediation", "Give up the mediation, naming arbitration or court", MEDIATOR
    ),
]  # fmt: skip
