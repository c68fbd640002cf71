"""A request for each operation of `cases` that passes everything but, perhaps, the question who may make it.

`STATES`: the state in which a case takes the step; the others are possible in any.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from services.cases.api.states import State
from tests.unit.cases import people as p

Args = dict[str, Any]
NOTE, REASON, WHO = {"note": "n"}, {"reason": "gone"}, {"handler": "colleague"}
LISTED = {"reason": "other", "note": "n"}
SOON = (p.START + p.HOUR).isoformat()
LATER = (p.START + timedelta(hours=2)).isoformat()
ORDER = {"lead": "water"}
NUMBER = {"number": 1}
FOUR = [{"kind": kind} for kind in ("community", "owners", "property", "residents")]
PARTIES = [("p-1", "party"), ("p-2", "party"), ("p-3", "mediator")]

OF_A_CASE: dict[str, Args] = {
    "get_case": {}, "case_history": {}, "verify": {"found": True, **NOTE}, "register": {},
    "reject": {"reason": "not_public"}, "self_resolve": NOTE, "object": {"person": "r-1"},
    "withdraw": {**REASON, "person": "r-1"}, "void": LISTED, "screen": {"text": "clean"},
    "dispatch": ORDER, "whistle": ORDER, "whistle_more": {"units": ["housing"]}, "invite_members": {"branches": ["b"]},
    "redirect": ORDER, "escalate": REASON, "take_on": WHO, "accept": WHO, "report_in": WHO, "assign": WHO,
    "return_case": {"entry": "entry-1", "proposed": "water", **LISTED}, "rule": {**LISTED, "lead": "water"},
    "dispute_call": REASON, "release_unit": {"unit": "called"}, "grade_unit": {"unit": "called", "grade": 3},
    "merge": {"into": "CASE2"}, "unmerge": {}, "start": {}, "contact": NOTE, "note_progress": NOTE,
    "assign_sub_task": {"unit": "water", "title": "t"}, "reassign_sub_task": {**NUMBER, "unit": "water"},
    "accept_sub_task": {**NUMBER, **WHO}, "return_sub_task": {**NUMBER, **REASON},
    "finish_sub_task": {**NUMBER, **NOTE},
    "waive_sub_task": {**NUMBER, **REASON},
    "ask": {"what": "suspension", **REASON, "party_told": True, "until": LATER}, "grant": NUMBER,
    "refuse": {**NUMBER, **REASON}, "resume": {}, "resolve": {"outcome": "solved", **NOTE}, "answer_reporter": NOTE,
    "assign_inspector": {"inspector": "inspector"}, "inspect": {**NOTE, "passed": True, "how": "call"},
    "rate": {"satisfied": 5}, "call_back": {"person": "r-1", "reached": True},
    "reopen": {**REASON, "person": "r-1"}, "urge": {"person": "r-1"}, "answer_urge": {**NUMBER, **NOTE},
    "supervise": REASON, "answer_supervision": {**NUMBER, **NOTE}, "close_supervision": NUMBER, "recompute_limits": {},
    "comment": {"text": "t"}, "list_comments": {}, "suggest_units": {},
}  # fmt: skip

STATES: dict[str, State] = {
    **dict.fromkeys(("register", "reject"), State.VERIFYING), "verify": State.REPORTED, "self_resolve": State.REPORTED,
    "object": State.REJECTED,
    **dict.fromkeys(("dispatch", "whistle", "escalate", "take_on", "merge"), State.REGISTERED),
    **dict.fromkeys(("redirect", "accept", "return_case"), State.DISPATCHED), "report_in": State.WHISTLED,
    "rule": State.RETURNED, "unmerge": State.MERGED, "start": State.ACCEPTED, "resume": State.SUSPENDED,
    "inspect": State.INSPECTING, "rate": State.AWAITING_RATING, "call_back": State.AWAITING_RATING,
    "reopen": State.CLOSED,
}  # fmt: skip

OF_A_TICKET: dict[str, Args] = {
    "get_ticket": {}, "tell_missing": {"item": 1, "missing": ["id card"]}, "note_visit": {"brought": [2]},
    "end_item": {"item": 1, "done": True}, "name_ticket_case": {"case": "CASE1"},
}  # fmt: skip
OF_A_DELIBERATION: dict[str, Args] = {
    "get_deliberation": {}, "hold_deliberation": {"present": [each["kind"] for each in FOUR], "minutes": "m"},
    "decide_deliberation": {"decision": "d", "deliberation": "D2"}, "cancel_deliberation": {},
}  # fmt: skip
OF_A_MEDIATION: dict[str, Args] = {
    "get_mediation": {}, "sign_agreement": {}, "leave_mediation": {},
}  # fmt: skip
OF_A_MEDIATOR: dict[str, Args] = {
    "hold_mediation_session": {"present": ["me", "p-2", "p-3"], "minutes": "m"},
    "propose_agreement": {"agreement": "a", "fulfil_by": SOON}, "give_up_mediation": {},
}  # fmt: skip
OF_AN_AGREEMENT: dict[str, Args] = {"confirm_fulfilled": {}, "report_default": {}}
OF_A_PROCEEDING: dict[str, Args] = {
    "get_proceeding": {}, "hear_department": {"statement": "s"},
    "conclude_proceeding": {"founded": True, "finding": "f"},
    "appeal_proceeding": {"grounds": "g", "proceeding": "P2"}, "rule_on_appeal": {"granted": True, "proceeding": "P3"},
}  # fmt: skip
OF_AN_ARTICLE: dict[str, Args] = {
    "edit_article": {"title": "t", "answer": "a"}, "publish_article": {}, "retire_article": {},
}  # fmt: skip

#: In a place, or nowhere: no record is addressed.
MAKING: dict[str, Args] = {
    "report": {"category": "streetlight", "place": {"path": p.GRID}, "text": "dark"},
    "import_cases": {
        "source": "old",
        "rows": [{"line": 2, "number": "1", "category": "streetlight", "path": p.GRID, "state": "REPORTED"}],
    },
    "open_ticket": {"area": p.GRID, "services": [{"service": "card", "unit": "water"}]},
    "take_call": {"outcome": "answered", **NOTE}, "promise_callback": {"phone": "13900000001"},
    "draft_article": {"title": "t", "answer": "a"}, "plan_roster": {"week": "2026-03-02", "shifts": []},
    "convene": {"kind": "four_party", "area": p.GRID, "topic": "t", "at": SOON, "invitees": FOUR},
    "open_mediation": {
        "area": p.GRID, "category": "dispute.property", "topic": "t",
        "participants": [{"person": person, "capacity": capacity} for person, capacity in PARTIES],
    },
    "hold_accountable": {"review": "P2"}, "ask_photo": {"purpose": "report"},
}  # fmt: skip
#: Of all that the caller may read: the rows are limited to it.
LISTING: dict[str, Args] = {
    "list_cases": {}, "work_list": {"name": "mine"}, "handover": {"person": "x"}, "list_tickets": {},
    "list_callbacks": {}, "list_callers_cases": {"phone": "13900000001"}, "get_roster": {"week": "2026-03-02"},
    "who_is_on_duty": {}, "search_articles": {"words": "lamp"}, "list_deliberations": {}, "list_mediations": {},
    "list_proceedings": {"kind": "review"},
    "suggest_duplicates": {"category": "streetlight", "lon": 106.8, "lat": 39.7},
    "get_indicators": {"since": "2026-03-01", "until": "2026-03-02"}, "get_daily_report": {"day": "2026-03-01"},
    "list_hot_spots": {"since": "2026-03-01"},
}  # fmt: skip
#: Without a sign-in, by what only the right person knows.
BY_SECRET = {"follow", "find_ticket"}
