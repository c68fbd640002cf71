"""Routes of cases: queries, intake, dispatch, work, and quality control."""

from __future__ import annotations

from gateway.api.table import RouteBuilder
from services.cases.api import case, imports, steps
from services.cases.api.case_detail import CaseDetail
from services.cases.api.states import NamedWorkList
from vocabulary.roles import Permission

cases = RouteBuilder("cases", case.CaseStep)
work_lists = RouteBuilder("cases", case.CaseStep, named={"name": NamedWorkList}, tag="work lists")
intake = RouteBuilder("cases", case.CaseStep, tag="intake")
bulk = RouteBuilder("cases", imports.Imported, tag="imports")
dispatch = RouteBuilder("cases", case.CaseStep, tag="dispatch")
work = RouteBuilder("cases", case.CaseStep, tag="work")
sub_tasks = RouteBuilder("cases", case.CaseStep, tag="sub-tasks")
requests = RouteBuilder("cases", case.CaseStep, tag="requests")
quality = RouteBuilder("cases", case.CaseStep, tag="quality control")
supervision = RouteBuilder("cases", case.CaseStep, tag="supervision")

SEES = Permission.READ_CASE
PARTY = Permission.PURSUE
LEAD = Permission.HANDLE
WHISTLER = (Permission.WHISTLE, Permission.WHISTLE_BY_TABLE)
BY_CODE = "or anyone with the case's code"
BY_TABLE = "the last as the whistle table allows"
UNREGISTERED = "the latter if it was not registered yet"
GRANTER = "which is that of the lead's tier above, never for its own work"

_CASE = "/v1/cases/{case}"
_SUB_TASK = _CASE + "/sub-tasks/{number:int}"
_REQUEST = _CASE + "/requests/{number:int}"
_SUPERVISION = _CASE + "/supervisions/{number:int}"

_READ = [
    cases.reads(_CASE, "get_case", "Get a case, as the caller's role may see it", SEES, answer=CaseDetail),
    cases.lists(
        "/v1/cases", "list_cases", "List the cases that the caller may see", SEES, case.ListedCase, case.ListCases,
    ),
    cases.reads(_CASE + "/history", "case_history", "Get the history of a case", SEES, answer=case.CaseHistory),
    work_lists.lists(
        "/v1/work/{name}", "work_list", "Get a work list, earliest due first", SEES,
        case.ListedCase,
    ),
    work_lists.lists(
        "/v1/handover", "handover", "List the open cases that a person handles (交接)", SEES, case.ListedCase,
        case.Handover,
    ),
    cases.asks(
        "/v1/follow", "follow", "Follow a report by its number (工单号) and code", (), case.Receipt,
        condition="anyone with the case's code", public=True, answer=case.FollowedCase,
    ),
]  # fmt: skip

_INTAKE = [
    intake.creates(
        "/v1/cases", "report", "Report a matter", Permission.REPORT, case.Report,
        condition="visitors without a sign-in; staff on behalf of others",
        public=True, unsigned={"confidentiality": "anonymous"}, answer=case.Reported,
    ),
    intake.acts(
        _CASE + "/verify", "verify", "Verify the report (核实) with a photo or a note",
        Permission.VERIFY, case.Verification,
    ),
    intake.acts(
        _CASE + "/register", "register", "Register the case (立案) and start its clock",
        Permission.REGISTER, case.Registration,
    ),
    intake.acts(
        _CASE + "/reject", "reject", "Reject the report (不受理) for a listed reason", Permission.REGISTER,
        case.Rejection,
    ),
    intake.acts(
        _CASE + "/solve-on-the-spot", "self_resolve", "Solve the matter on the spot (当场解决)",
        Permission.SELF_RESOLVE, case.OnTheSpot,
    ),
    intake.acts(
        _CASE + "/object", "object", "Object (异议) to a rejection or an on-the-spot solution", PARTY, case.Objection,
        condition=BY_CODE, public=True,
    ),
    intake.acts(
        _CASE + "/withdraw", "withdraw", "Withdraw the case (撤单)", Permission.WITHDRAW, case.ReasonOfParty,
        condition=f"{BY_CODE}; staff only what they reported for nobody", public=True,
    ),
    intake.acts(_CASE + "/void", "void", "Void the case (作废)", Permission.VOID, steps.ReasonWithNote),
    intake.acts(
        _CASE + "/screen", "screen", "Screen a confidential report for what others may read",
        Permission.SCREEN, case.Screening,
    ),
]  # fmt: skip

_DISPATCH = [
    dispatch.acts(
        _CASE + "/dispatch", "dispatch", "Dispatch the case (派单) to one lead", Permission.DISPATCH, steps.Order,
    ),
    dispatch.acts(
        _CASE + "/whistle", "whistle", "Whistle (吹哨) for a lead and supporting units",
        WHISTLER, steps.Order, condition=BY_TABLE,
    ),
    dispatch.acts(
        _CASE + "/whistle-more", "whistle_more", "Whistle for further units during the work", WHISTLER,
        steps.FurtherUnits, condition=BY_TABLE,
    ),
    dispatch.acts(
        _CASE + "/invite-members", "invite_members", "Invite party members (吹哨党员报到)",
        Permission.INVITE_MEMBERS, steps.Branches,
    ),
    dispatch.acts(
        _CASE + "/redirect", "redirect", "Redirect the case (改派) after the time to accept it", Permission.DISPATCH,
        steps.Order,
    ),
    dispatch.acts(
        _CASE + "/escalate", "escalate", "Escalate the case one tier up (上报)",
        Permission.ESCALATE, steps.Reason,
    ),
    dispatch.acts(_CASE + "/take-on", "take_on", "Take the case on oneself (自办)", Permission.TAKE_ON, steps.Handler),
    dispatch.acts(_CASE + "/accept", "accept", "Accept the case (签收) and name its handler", LEAD, steps.Handler),
    dispatch.acts(
        _CASE + "/report-in", "report_in", "Report in (报到) after a whistle", Permission.REPORT_IN,
        steps.HandlerIfAny,
    ),
    dispatch.acts(_CASE + "/assign", "assign", "Assign the case to another handler of the lead", LEAD, steps.Handler),
    dispatch.acts(
        _CASE + "/return", "return_case", "Return the case (退单): once, within the time to accept it",
        LEAD, steps.Return,
    ),
    dispatch.acts(
        _CASE + "/rule", "rule", "Rule on a dispute between units (裁定)", Permission.RULE,
        steps.Ruling, condition="which is that of the lowest tier above both units",
    ),
    dispatch.acts(
        _CASE + "/dispute-call", "dispute_call", "Dispute a call: the matter is not this unit's", Permission.REPORT_IN,
        steps.Reason,
    ),
    dispatch.acts(
        _CASE + "/release-unit", "release_unit", "Release a called unit", Permission.SETTLE_CALL, steps.NamedUnit,
    ),
    dispatch.acts(
        _CASE + "/grade-unit", "grade_unit", "Grade a called unit from 1 to 5", Permission.SETTLE_CALL, steps.Grade,
    ),
    dispatch.acts(
        _CASE + "/merge", "merge", "Merge the case (并案) into another",
        (Permission.MERGE, Permission.REGISTER), steps.Merge, condition=UNREGISTERED,
    ),
    dispatch.acts(
        _CASE + "/unmerge", "unmerge", "Unmerge the case (拆分) before the other is closed",
        (Permission.MERGE, Permission.REGISTER), condition=UNREGISTERED,
    ),
]  # fmt: skip

_WORK = [
    work.acts(_CASE + "/start", "start", "Start the work", LEAD),
    work.acts(_CASE + "/contact", "contact", "Record that the party was contacted", LEAD, steps.Remark),
    work.acts(_CASE + "/progress", "note_progress", "Record progress", Permission.NOTE_PROGRESS, steps.Remark),
    sub_tasks.acts(
        _CASE + "/sub-tasks", "assign_sub_task", "Assign a sub-task to a unit; `said` is its number", Permission.ASSIGN,
        steps.SubTask,
    ),
    sub_tasks.acts(
        _SUB_TASK + "/reassign", "reassign_sub_task", "Reassign the sub-task to another unit", Permission.ASSIGN,
        steps.NamedUnit,
    ),
    sub_tasks.acts(
        _SUB_TASK + "/accept", "accept_sub_task", "Accept the sub-task", Permission.DO_SUB_TASK, steps.Handler,
    ),
    sub_tasks.acts(
        _SUB_TASK + "/return", "return_sub_task", "Return the sub-task to the lead", Permission.DO_SUB_TASK,
        steps.Reason,
    ),
    sub_tasks.acts(
        _SUB_TASK + "/finish", "finish_sub_task", "Finish the sub-task", Permission.DO_SUB_TASK, steps.Remark,
    ),
    sub_tasks.acts(
        _SUB_TASK + "/waive", "waive_sub_task", "Waive the sub-task",
        Permission.WAIVE_SUB_TASK,
        steps.Reason, condition="the lead only if the unit never came",
    ),
    requests.acts(
        _CASE + "/requests", "ask", "Request a transfer, extension or suspension; `said` is its number", LEAD,
        steps.Request,
    ),
    requests.acts(_REQUEST + "/grant", "grant", "Grant the request", Permission.GRANT, condition=GRANTER),
    requests.acts(
        _REQUEST + "/refuse", "refuse", "Refuse the request", Permission.GRANT, steps.Reason, condition=GRANTER,
    ),
    work.acts(_CASE + "/resume", "resume", "Resume the work before the suspension ends", LEAD),
    work.acts(_CASE + "/resolve", "resolve", "Resolve the case (办结)", LEAD, steps.Result),
    work.acts(
        _CASE + "/answer-reporter", "answer_reporter", "Answer the reporter (首问)",
        Permission.ANSWER_REPORTER, steps.Remark, condition="or their B post while they are away",
    ),
]  # fmt: skip

_JUDGING = [
    quality.acts(
        _CASE + "/inspector", "assign_inspector", "Assign an inspector", Permission.NAME_INSPECTOR, steps.Inspector,
    ),
    quality.acts(
        _CASE + "/inspect", "inspect", "Inspect the result (核查)",
        Permission.INSPECT,
        steps.Inspection, condition="never the handling unit",
    ),
    quality.acts(
        _CASE + "/rate", "rate", "Rate the case (评价): contacted? solved? satisfied, 1 to 5?",
        Permission.RATE,
        steps.Rating,
        condition=BY_CODE,
        public=True,
    ),
    quality.acts(
        _CASE + "/call-back", "call_back", "Record the callback to a party", Permission.CALL_BACK, steps.Callback
    ),
    quality.acts(
        _CASE + "/reopen", "reopen", "Reopen the case: once, within 15 days", PARTY, case.ReasonOfParty,
        condition=BY_CODE, public=True,
    ),
    supervision.acts(
        _CASE + "/urge", "urge", "Urge the case (催办): once a day", Permission.URGE, case.ByParty, condition=BY_CODE,
        public=True,
    ),
    supervision.acts(
        _CASE + "/urges/{number:int}/answer", "answer_urge", "Answer an urge", (LEAD, Permission.REGISTER),
        steps.Remark, condition="the latter only before there is a lead",
    ),
    supervision.acts(
        _CASE + "/supervise", "supervise", "Open a supervision (督办)", Permission.SUPERVISE, steps.Reason,
    ),
    supervision.acts(_SUPERVISION + "/answer", "answer_supervision", "Answer the supervision", LEAD, steps.Remark),
    supervision.acts(_SUPERVISION + "/close", "close_supervision", "Close the supervision", Permission.SUPERVISE),
    cases.acts(
        _CASE + "/recompute-limits", "recompute_limits", "Recompute the limits with the current settings",
        Permission.RECOMPUTE,
    ),
    bulk.acts(
        "/v1/imports/cases", "import_cases", "Import up to 200 cases from another system",
        Permission.IMPORT_CASES, imports.Import,
        bulk=True, timeout=60.0,
    ),
]  # fmt: skip

OPERATIONS = [*_READ, *_INTAKE, *_DISPATCH, *_WORK, *_JUDGING]
