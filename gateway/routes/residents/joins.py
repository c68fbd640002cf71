"""Routes of joins: a resident's sign-in and the record of the person."""

from __future__ import annotations

from chassis.types import Complete, RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import joins as api
from services.residents.api import representatives
from vocabulary.roles import Permission

residents = RouteBuilder("residents", RecordState, tag="own record")

_JOIN = Permission.JOIN_RESIDENTS
_RESIDENT = "/v1/residents/{resident}"

OPERATIONS = [
    residents.asks(
        "/v1/residents/identify", "identify_resident", "Find the record of a person who shows their identity card",
        _JOIN, api.Identification, answer=Complete[api.IdentifiedResident],
    ),
    residents.acts(_RESIDENT + "/join", "join_resident", "Join a sign-in to the record by proof", _JOIN, api.NewJoin),
    residents.acts(_RESIDENT + "/join/end", "end_join", "Separate the sign-in from the record", _JOIN),
    residents.acts(
        _RESIDENT + "/join/code", "issue_join_code", "Issue the code by which the person joins the record",
        Permission.ISSUE_JOIN_CODES, answer=api.IssuedCode,
    ),
    residents.creates(
        _RESIDENT + "/representatives", "register_representative", "Register who acts for a resident, by proof", _JOIN,
        representatives.NewRepresentative,
    ),
    residents.acts(
        "/v1/representatives/{representative}/end", "end_representative", "End that somebody acts for a resident", _JOIN
    ),
]  # fmt: skip
