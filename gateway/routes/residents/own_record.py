"""Routes of people about their own record (本人档案)."""

from __future__ import annotations

from chassis.types import Complete, File, RecordState
from gateway.api.table import RouteBuilder
from services.residents.api import joins, rights_requests
from services.residents.api import own_record as api
from vocabulary.roles import Permission

own = RouteBuilder("residents", RecordState, tag="own record")

_OWN = Permission.EXERCISE_RIGHTS
_RECORDS = "/v1/own-records"
_RECORD = _RECORDS + "/{resident}"

OPERATIONS = [
    own.reads(
        _RECORDS, "list_own_records", "List your own record, and those of whom you represent", _OWN,
        answer=Complete[api.ListedOwnRecord],
    ),
    own.acts(
        _RECORDS + "/join", "redeem_join_code", "Join your record by the code from your grid worker",
        Permission.REDEEM_JOIN_CODES, joins.Redemption,
    ),
    own.reads(_RECORD, "open_own_record", "Read all that is held about you", _OWN, answer=api.OwnRecord),
    own.reads(_RECORD + "/copy", "copy_own_record", "Copy all that is held about you", _OWN, answer=api.OwnCopy),
    own.reads(
        _RECORD + "/page", "print_own_record", "Copy all that is held about you as a page to print", _OWN,
        answer=File, batched=False,
    ),
    own.acts(_RECORD + "/join/end", "end_own_join", "Separate your sign-in from your record", _OWN),
    own.acts(
        _RECORD + "/representatives/{representative}/dismiss", "dismiss_representative",
        "End that somebody acts for you", _OWN,
    ),
    own.creates(
        _RECORD + "/corrections", "request_correction", "Ask that a field of your profile be corrected", _OWN,
        rights_requests.CorrectionRequest,
    ),
    own.acts(
        "/v1/rights-requests/{request}/withdraw", "withdraw_rights_request", "Withdraw your request", _OWN
    ),
]  # fmt: skip
