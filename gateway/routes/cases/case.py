"""Cases: how they come in, every step that somebody takes, and everything that is read of them."""

from __future__ import annotations

from gateway.api.table import ANYBODY, Service
from services.cases.api import case, steps
from services.cases.api.states import WorkList

cases = Service("cases", case.CaseStep, named={"name": WorkList})

SEES = "whoever sees the case"
PARTY = "a party: signed in, by the case's code, or through hotline or counter"
LEAD = "the lead"
DESK = "the street or centre that dispatches it"
CALLED = "a unit called by whistle"

_CASE = "/v1/cases/{case}"
_SUB_TASK = _CASE + "/sub-tasks/{number:int}"
_REQUEST = _CASE + "/requests/{number:int}"
_SUPERVISION = _CASE + "/supervisions/{number:int}"

_READ = [
    cases.reads(_CASE, "get_case", "A case, as the caller's role sees it", SEES, answer=case.CaseDetail),
    cases.lists("/v1/cases", "list_cases", "Cases that the caller sees", ANYBODY, case.ListedCase, case.ListCases),
    cases.reads(_CASE + "/history", "case_history", "Everything that happened to it", SEES, answer=case.CaseHistory),
    cases.lists(
        "/v1/work/{name}", "work_list", "A work list, first due first", "anybody whose role has it", case.ListedCase
    ),
    cases.lists(
        "/v1/handover", "handover", "Open cases that somebody handles (交接)", ANYBODY, case.ListedCase, case.Handover
    ),
    cases.asks(
        "/v1/follow", "follow", "Follow a report by its number and code", "anybody", case.Receipt,
        public=True, answer=case.FollowedCase,
    ),
]  # fmt: skip

_INTAKE = [
    cases.creates(
        "/v1/cases", "report", "Report a matter", "anybody, with or without a sign-in; staff for others",
        case.Report, public=True, unsigned={"confidentiality": "anonymous"}, answer=case.Reported,
    ),
    cases.acts(
        _CASE + "/verify", "verify", "Verify (核实): a photo or a note", "grid worker, community, street, inspector",
        case.Verification,
    ),
    cases.acts(
        _CASE + "/register", "register", "Register (立案): the clock starts", "hotline, community, street, centre",
        case.Registration,
    ),
    cases.acts(_CASE + "/reject", "reject", "Reject (不受理), for a listed reason", "who may register", case.Rejection),
    cases.acts(
        _CASE + "/solve-on-the-spot", "self_resolve", "Solved on the spot (当场解决)",
        "grid worker, counter, hotline, community, street", case.OnTheSpot,
    ),
    cases.acts(
        _CASE + "/object", "object", "Object (异议) to a rejection or an answer on the spot", PARTY, case.Objection,
        public=True,
    ),
    cases.acts(_CASE + "/withdraw", "withdraw", "Withdraw (撤单)", PARTY, case.ReasonOfParty, public=True),
    cases.acts(_CASE + "/void", "void", "Void (作废)", "centre", steps.Reason),
    cases.acts(
        _CASE + "/screen", "screen", "Say what of a confidential report others may read", "intake", case.Screening
    ),
]  # fmt: skip

_DISPATCH = [
    cases.acts(_CASE + "/dispatch", "dispatch", "Dispatch (派单) to one lead", DESK, steps.Order),
    cases.acts(
        _CASE + "/whistle", "whistle", "Whistle (吹哨) for a lead and further units",
        "street, centre; grid worker and community by the whistle table", steps.Order,
    ),
    cases.acts(_CASE + "/whistle-more", "whistle_more", "Call further units during the work", DESK, steps.FurtherUnits),
    cases.acts(_CASE + "/invite-members", "invite_members", "Invite members (吹哨党员报到)", DESK, steps.Branches),
    cases.acts(_CASE + "/redirect", "redirect", "Redirect (改派) after the accept time", DESK, steps.Order),
    cases.acts(
        _CASE + "/escalate", "escalate", "Pass it one tier up (上报)", "grid worker, community, street, centre",
        steps.Reason,
    ),
    cases.acts(_CASE + "/take-on", "take_on", "Handle it oneself (自办)", "community, street", steps.Handler),
    cases.acts(_CASE + "/accept", "accept", "Accept (签收), with a named handler", LEAD, steps.Handler),
    cases.acts(_CASE + "/report-in", "report_in", "Report in (报到)", CALLED, steps.HandlerIfAny),
    cases.acts(_CASE + "/assign", "assign", "Give it to another handler inside the lead", LEAD, steps.Handler),
    cases.acts(
        _CASE + "/return", "return_case", "Return (退单), once, within the accept time", "the called unit", steps.Return
    ),
    cases.acts(_CASE + "/rule", "rule", "Rule on a dispute (裁定)", "the lowest tier above both units", steps.Ruling),
    cases.acts(_CASE + "/dispute-call", "dispute_call", "Say that it is not this unit's matter", CALLED, steps.Reason),
    cases.acts(_CASE + "/release-unit", "release_unit", "Let a called unit go", DESK, steps.NamedUnit),
    cases.acts(_CASE + "/grade-unit", "grade_unit", "Grade a called unit, 1 to 5", "who called it", steps.Grade),
    cases.acts(_CASE + "/merge", "merge", "Merge (并案) into another", DESK, steps.Merge),
    cases.acts(_CASE + "/unmerge", "unmerge", "Unmerge (拆分), before the other is closed", DESK),
]  # fmt: skip

_WORK = [
    cases.acts(_CASE + "/start", "start", "Start the work", LEAD),
    cases.acts(_CASE + "/contact", "contact", "Spoke with the party", LEAD, steps.Remark),
    cases.acts(_CASE + "/progress", "note_progress", "Note progress", LEAD, steps.Remark),
    cases.acts(
        _CASE + "/sub-tasks", "assign_sub_task", "Give a sub-task to a unit; `said` is its number", DESK, steps.SubTask
    ),
    cases.acts(_SUB_TASK + "/reassign", "reassign_sub_task", "Give it to another unit", LEAD, steps.NamedUnit),
    cases.acts(_SUB_TASK + "/accept", "accept_sub_task", "Accept it", "the unit that has it", steps.Handler),
    cases.acts(_SUB_TASK + "/return", "return_sub_task", "Return it to the lead", "the unit that has it", steps.Reason),
    cases.acts(_SUB_TASK + "/finish", "finish_sub_task", "Finish it", "the unit that has it", steps.Remark),
    cases.acts(_SUB_TASK + "/waive", "waive_sub_task", "Waive it", DESK + "; for a no-show the lead", steps.Reason),
    cases.acts(
        _CASE + "/requests", "ask", "Ask for a transfer, extension or suspension; `said` is its number", LEAD,
        steps.Request,
    ),
    cases.acts(_REQUEST + "/grant", "grant", "Grant it", DESK + ", never for its own work"),
    cases.acts(_REQUEST + "/refuse", "refuse", "Refuse it", DESK + ", never for its own work", steps.Reason),
    cases.acts(_CASE + "/resume", "resume", "Go on before the suspension ends by itself", LEAD),
    cases.acts(_CASE + "/resolve", "resolve", "Resolve (办结)", LEAD, steps.Result),
    cases.acts(
        _CASE + "/answer-reporter", "answer_reporter", "Answer the reporter (首问)", "who took it first, or the B post",
        steps.Remark,
    ),
]  # fmt: skip

_JUDGING = [
    cases.acts(_CASE + "/inspector", "assign_inspector", "Name the inspector", DESK, steps.Inspector),
    cases.acts(
        _CASE + "/inspect", "inspect", "Inspect (核查)",
        "inspector, grid worker, street, centre, hotline; never the handling unit",
        steps.Inspection,
    ),
    cases.acts(
        _CASE + "/rate", "rate", "Rate (评价): contacted? solved? satisfied 1 to 5?", PARTY, steps.Rating, public=True
    ),
    cases.acts(_CASE + "/call-back", "call_back", "The one callback of a party", "hotline", steps.Callback),
    cases.acts(_CASE + "/reopen", "reopen", "Reopen, once, within 15 days", PARTY, case.ReasonOfParty, public=True),
    cases.acts(_CASE + "/urge", "urge", "Urge (催办), once a day", PARTY, case.ByParty, public=True),
    cases.acts(_CASE + "/urges/{number:int}/answer", "answer_urge", "Answer an urge", LEAD, steps.Remark),
    cases.acts(_CASE + "/supervise", "supervise", "Open supervision (督办)", "street, centre", steps.Reason),
    cases.acts(_SUPERVISION + "/answer", "answer_supervision", "Answer it", LEAD, steps.Remark),
    cases.acts(_SUPERVISION + "/close", "close_supervision", "Close it", "the tier that opened it"),
    cases.acts(
        _CASE + "/recompute-limits", "recompute_limits", "Let the settings of today hold for it", "street, centre"
    ),
    cases.acts(
        "/v1/imports/cases", "import_cases", "Import cases of another system, up to 200 at a time", "centre",
        case.Import, together=False, timeout=60.0, answer=case.Imported,
    ),
]  # fmt: skip

OPERATIONS = [*_READ, *_INTAKE, *_DISPATCH, *_WORK, *_JUDGING]
