"""Routes of those who answer what residents request about their own data."""

from __future__ import annotations

from chassis.types import RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import rights_requests as api
from vocabulary.roles import Permission

requests = RouteBuilder("residents", RecordState, tag="rights requests")

_ANSWER = Permission.ANSWER_RIGHTS_REQUESTS
_REQUESTS = "/v1/rights-requests"
_REQUEST = _REQUESTS + "/{request}"

OPERATIONS = [
    requests.lists(
        _REQUESTS, "list_rights_requests", "List the open or overdue requests of an area", _ANSWER,
        api.ListedRightsRequest, api.ListRightsRequests,
    ),
    requests.reads(
        _REQUEST, "open_rights_request", "Read a request with both values", _ANSWER, answer=api.OpenedRightsRequest
    ),
    requests.acts(
        _REQUEST + "/accept", "accept_rights_request", "Accept the request; the profile is corrected", _ANSWER
    ),
    requests.acts(
        _REQUEST + "/refuse", "refuse_rights_request", "Refuse the request, with the reason", _ANSWER, api.Refusal
    ),
]  # fmt: skip
