"""Mediation of a dispute (矛盾化解), by those who take part in it."""

from __future__ import annotations

from gateway.api.table import STAFF, Service
from services.cases.api import mediation as api

cases = Service("cases")

THOSE_IN_IT = "those in it"
MEDIATOR = "the mediator"
PARTY = "a party"
_MEDIATIONS = "/v1/mediations"
_MEDIATION = _MEDIATIONS + "/{mediation}"

OPERATIONS = [
    cases.creates(_MEDIATIONS, "open_mediation", "Open a mediation", STAFF, api.Opening),
    cases.lists(
        _MEDIATIONS, "list_mediations", "Mediations that one takes part in", THOSE_IN_IT, api.ListedMediation
    ),
    cases.reads(_MEDIATION, "get_mediation", "A mediation", THOSE_IN_IT),
    cases.acts(
        _MEDIATION + "/sessions", "hold_mediation_session", "A session, with its minutes", MEDIATOR,
        api.MediationSession,
    ),
    cases.acts(_MEDIATION + "/agreement", "propose_agreement", "Propose the agreement", MEDIATOR, api.Agreement),
    cases.acts(_MEDIATION + "/sign", "sign_agreement", "Sign it", PARTY),
    cases.acts(_MEDIATION + "/fulfilled", "confirm_fulfilled", "Confirm that it was kept", PARTY),
    cases.acts(_MEDIATION + "/default", "report_default", "Report that it was not", PARTY),
    cases.acts(_MEDIATION + "/leave", "leave_mediation", "Leave it", PARTY),
    cases.acts(
        _MEDIATION + "/give-up", "give_up_mediation", "Give it up: it names arbitration or court", MEDIATOR
    ),
]  # fmt: skip
