"""Cases: how they come in, every step that somebody takes, and everything that is read of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from gateway.api.answers import CaseDetail, CaseHistory, CaseStep, FollowedCase, ListedCase, Record, Reported
from gateway.api.old_table import ANYBODY, Service
from gateway.api.types import (
    Category,
    CategoryIfAny,
    Form,
    Id,
    Ids,
    Latitude,
    Lead,
    LeadIfAny,
    Longitude,
    Moment,
    Note,
    NoteIfAny,
    Path,
    Point,
    Text,
    TextIfAny,
    Unit,
    UnitIfAny,
    Word,
)

WorkList = Literal["to_do", "mine", "came_back", "yellow_and_red", "supervised"]
cases = Service("cases", CaseStep, named={"name": WorkList})

State = Literal[
    "REPORTED", "VERIFYING", "REGISTERED", "REJECTED", "MERGED", "SELF_RESOLVED", "DISPATCHED", "WHISTLED", "RETURNED",
    "ACCEPTED", "IN_PROGRESS", "SUSPENDED", "RESOLVED", "INSPECTING", "REWORK", "AWAITING_RATING", "CLOSED",
    "REOPENED", "WITHDRAWN", "VOIDED",
]  # fmt: skip
Priority = Literal["P1", "P2", "P3", "P4"]
Score = Annotated[int, Field(ge=1, le=5)]
Code = Annotated[str, Field(max_length=64, description="The code that the report answered.")]
SEES = "whoever sees the case"
PARTY = "a party: signed in, by the case's code, or through hotline or counter"
LEAD = "the lead"
DESK = "the street or centre that dispatches it"
CALLED = "a unit called by whistle"


class Place(Point):
    """`path`: the smallest division or grid known; coordinates in WGS 84 degrees."""

    path: Path
    address: Annotated[str, Field(max_length=200)] = ""


class Reporter(Form):
    """Somebody for whom staff reports: a caller, a visitor."""

    name: Annotated[str, Field(max_length=40)] = ""
    phone: Annotated[str, Field(max_length=20)] = ""


class Report(Form):
    """`about`: the unit that it is a complaint about, which will not see it. `spans`: further areas it touches.

    It has a text or at least one photo. Without a sign-in it is always anonymous.
    """

    category: Category
    place: Place
    photos: Ids = []
    text: Annotated[TextIfAny, Field(validate_default=True)] = ""
    spans: Annotated[list[Path], Field(max_length=10)] = []
    confidentiality: Literal["named", "confidential", "anonymous"] = "named"
    reporter: Reporter | None = None
    about: Word = ""
    resolution: Annotated[Word, Field(description="The council resolution that it carries out.")] = ""

    @field_validator("text")
    @classmethod
    def _tells_something(cls, text: str, others: ValidationInfo) -> str:
        if not text.strip() and not others.data.get("photos", True):
            raise PydanticCustomError("nothing_reported", "a text or a photo")
        return text


class Registration(Form):
    """What is left out stays as it was reported. `nobody`: there is no party to contact or to rate."""

    category: CategoryIfAny = ""
    priority: Priority | None = None
    place: Place | None = None
    party: Reporter | None = None
    nobody: bool = False
    tier: Word = ""


class Order(Form):
    """`entry`: the list entry that says so; without it the one that holds is found. `called`: further units."""

    lead: Lead
    entry: Word = ""
    called: Annotated[list[Id], Field(max_length=30)] = []


class Request(Form):
    """What the lead asks the dispatching tier for. `to` and `entry`: the unit of a transfer, and who says so."""

    what: Literal["transfer", "extension", "suspension"]
    reason: Id
    party_told: bool
    note: NoteIfAny = ""
    until: Moment | None = None
    to: Word = ""
    entry: Word = ""


class Result(Form):
    """`planned` (挂账) needs the date on which it reopens. `proof`: photos."""

    outcome: Literal["solved", "explained", "planned", "unfounded"]
    note: NoteIfAny = ""
    proof: Ids = []
    planned_for: Moment | None = None


class Row(Form):
    """A case of another system. `state`: where it stands there; `lead`: the unit that has it there."""

    line: int
    number: Id
    category: Category
    path: Path
    state: State
    text: TextIfAny = ""
    address: Annotated[str, Field(max_length=200)] = ""
    lon: Longitude | None = None
    lat: Latitude | None = None
    lead: LeadIfAny = ""
    reported_at: Moment | None = None
    closed_at: Moment | None = None


_CASE = "/v1/cases/{case}"
_SUB_TASK = _CASE + "/sub-tasks/{number:int}"
_REQUEST = _CASE + "/requests/{number:int}"
_SUPERVISION = _CASE + "/supervisions/{number:int}"

_READ = [
    cases.reads(_CASE, "get_case", "A case, as the caller's role sees it", SEES, _answer=CaseDetail),
    cases.lists(
        "/v1/cases", "list_cases", "Cases that the caller sees", ANYBODY, ListedCase,
        state=State | None, category=CategoryIfAny | None, priority=Priority | None,
        mark=Literal["yellow", "red"] | None, area=Path | None, unit=UnitIfAny | None, handler=Word | None,
        reported_from=Moment | None, reported_until=Moment | None,
        sort=Literal["-reported_at", "reported_at", "due"] | None,
    ),
    cases.reads(_CASE + "/history", "case_history", "Everything that happened to it", SEES, _answer=CaseHistory),
    cases.lists(
        "/v1/work/{name}", "work_list", "A work list, first due first", "anybody whose role has it", ListedCase
    ),
    cases.lists("/v1/handover", "handover", "Open cases that somebody handles (交接)", ANYBODY, ListedCase, person=Id),
    cases.asks(
        "/v1/follow", "follow", "Follow a report by its number and code", "anybody", _public=True, _answer=FollowedCase,
        case=Id, code=Id,
    ),
]  # fmt: skip

_INTAKE = [
    cases.creates(
        "/v1/cases", "report", "Report a matter", "anybody, with or without a sign-in; staff for others",
        _body=Report, _into="report", _public=True, _unsigned={"confidentiality": "anonymous"}, _answer=Reported,
    ),
    cases.acts(
        _CASE + "/verify", "verify", "Verify (核实): a photo or a note", "grid worker, community, street, inspector",
        found=bool, note=NoteIfAny | None, photos=Ids | None,
    ),
    cases.acts(
        _CASE + "/register", "register", "Register (立案): the clock starts", "hotline, community, street, centre",
        _body=Registration, _into="form",
    ),
    cases.acts(
        _CASE + "/reject", "reject", "Reject (不受理), for a listed reason", "who may register",
        reason=Id, note=NoteIfAny | None, go_to=Word | None,
    ),
    cases.acts(
        _CASE + "/solve-on-the-spot", "self_resolve", "Solved on the spot (当场解决)",
        "grid worker, counter, hotline, community, street", note=NoteIfAny | None, photos=Ids | None,
    ),
    cases.acts(
        _CASE + "/object", "object", "Object (异议) to a rejection or an answer on the spot", PARTY, _public=True,
        note=NoteIfAny | None, person=Word | None, code=Code | None,
    ),
    cases.acts(
        _CASE + "/withdraw", "withdraw", "Withdraw (撤诉)", PARTY, _public=True,
        reason=Id, person=Word | None, code=Code | None,
    ),
    cases.acts(_CASE + "/void", "void", "Void (作废)", "centre", reason=Id),
    cases.acts(
        _CASE + "/screen", "screen", "Say what of a confidential report others may read", "intake",
        text=TextIfAny | None, photos=Ids | None,
    ),
]  # fmt: skip

_DISPATCH = [
    cases.acts(_CASE + "/dispatch", "dispatch", "Dispatch (派单) to one lead", DESK, _body=Order, _into="order"),
    cases.acts(
        _CASE + "/whistle", "whistle", "Whistle (吹哨) for a lead and further units",
        "street, centre; grid worker and community by the whistle table", _body=Order, _into="order",
    ),
    cases.acts(_CASE + "/whistle-more", "whistle_more", "Call further units during the work", DESK, units=Ids),
    cases.acts(_CASE + "/invite-members", "invite_members", "Invite members (吹哨党员报到)", DESK, branches=Ids),
    cases.acts(
        _CASE + "/redirect", "redirect", "Redirect (改派) after the accept time", DESK, _body=Order, _into="order"
    ),
    cases.acts(
        _CASE + "/escalate", "escalate", "Pass it one tier up (上报)", "grid worker, community, street, centre",
        reason=Id,
    ),
    cases.acts(_CASE + "/take-on", "take_on", "Handle it oneself (自办)", "community, street", handler=Id),
    cases.acts(_CASE + "/accept", "accept", "Accept (签收), with a named handler", LEAD, handler=Id),
    cases.acts(_CASE + "/report-in", "report_in", "Report in (报到)", CALLED, handler=Word | None),
    cases.acts(_CASE + "/assign", "assign", "Give it to another handler inside the lead", LEAD, handler=Id),
    cases.acts(
        _CASE + "/return", "return_case", "Return (退单), once, within the accept time", "the called unit",
        entry=Id, proposed=Id, reason=Id,
    ),
    cases.acts(
        _CASE + "/rule", "rule", "Rule on a dispute (裁定)", "the lowest tier above both units",
        reason=Id, lead=LeadIfAny | None,
    ),
    cases.acts(_CASE + "/dispute-call", "dispute_call", "Say that it is not this unit's matter", CALLED, reason=Id),
    cases.acts(_CASE + "/release-unit", "release_unit", "Let a called unit go", DESK, unit=Unit),
    cases.acts(
        _CASE + "/grade-unit", "grade_unit", "Grade a called unit, 1 to 5", "who called it", unit=Unit, grade=Score,
    ),
    cases.acts(_CASE + "/merge", "merge", "Merge (并案) into another", DESK, into=Id),
    cases.acts(_CASE + "/unmerge", "unmerge", "Unmerge (拆分), before the other is closed", DESK),
]  # fmt: skip

_WORK = [
    cases.acts(_CASE + "/start", "start", "Start the work", LEAD),
    cases.acts(_CASE + "/contact", "contact", "Spoke with the party", LEAD, note=Note),
    cases.acts(_CASE + "/progress", "note_progress", "Note progress", LEAD, note=Note),
    cases.acts(
        _CASE + "/sub-tasks", "assign_sub_task", "Give a sub-task to a unit; `said` is its number", DESK,
        unit=Unit, title=Text, due=Moment | None,
    ),
    cases.acts(_SUB_TASK + "/reassign", "reassign_sub_task", "Give it to another unit", LEAD, unit=Unit),
    cases.acts(_SUB_TASK + "/accept", "accept_sub_task", "Accept it", "the unit that has it", handler=Id),
    cases.acts(_SUB_TASK + "/return", "return_sub_task", "Return it to the lead", "the unit that has it", reason=Id),
    cases.acts(_SUB_TASK + "/finish", "finish_sub_task", "Finish it", "the unit that has it", note=Note),
    cases.acts(_SUB_TASK + "/waive", "waive_sub_task", "Waive it", DESK + "; for a no-show the lead", reason=Id),
    cases.acts(
        _CASE + "/requests", "ask", "Ask for a transfer, extension or suspension; `said` is its number", LEAD,
        _body=Request, _into="request",
    ),
    cases.acts(_REQUEST + "/grant", "grant", "Grant it", DESK + ", never for its own work"),
    cases.acts(_REQUEST + "/refuse", "refuse", "Refuse it", DESK + ", never for its own work", reason=Id),
    cases.acts(_CASE + "/resume", "resume", "Go on before the suspension ends by itself", LEAD),
    cases.acts(_CASE + "/resolve", "resolve", "Resolve (办结)", LEAD, _body=Result, _into="result"),
    cases.acts(
        _CASE + "/answer-reporter", "answer_reporter", "Answer the reporter (首问)", "who took it first, or the B post",
        note=Note,
    ),
]  # fmt: skip

_JUDGING = [
    cases.acts(_CASE + "/inspector", "assign_inspector", "Name the inspector", DESK, inspector=Id),
    cases.acts(
        _CASE + "/inspect", "inspect", "Inspect (核查)",
        "inspector, grid worker, street, centre, hotline; never the handling unit",
        passed=bool, how=Literal["visit", "call"], note=Note,
    ),
    cases.acts(
        _CASE + "/rate", "rate", "Rate (评价): contacted? solved? satisfied 1 to 5?", PARTY, _public=True,
        contacted=bool | None, solved=bool | None, satisfied=Score | None, code=Code | None,
    ),
    cases.acts(
        _CASE + "/call-back", "call_back", "The one callback of a party", "hotline",
        person=Id, reached=bool, contacted=bool | None, solved=bool | None, satisfied=Score | None,
    ),
    cases.acts(
        _CASE + "/reopen", "reopen", "Reopen, once, within 15 days", PARTY, _public=True,
        reason=Id, person=Word | None, code=Code | None,
    ),
    cases.acts(
        _CASE + "/urge", "urge", "Urge (催办), once a day", PARTY, _public=True, person=Word | None, code=Code | None
    ),
    cases.acts(_CASE + "/urges/{number:int}/answer", "answer_urge", "Answer an urge", LEAD, note=Note),
    cases.acts(_CASE + "/supervise", "supervise", "Open supervision (督办)", "street, centre", reason=Id),
    cases.acts(_SUPERVISION + "/answer", "answer_supervision", "Answer it", LEAD, note=Note),
    cases.acts(_SUPERVISION + "/close", "close_supervision", "Close it", "the tier that opened it"),
    cases.acts(
        _CASE + "/recompute-limits", "recompute_limits", "Let the settings of today hold for it", "street, centre"
    ),
    cases.acts(
        "/v1/imports/cases", "import_cases", "Import cases of another system, up to 200 at a time", "centre",
        source=Id, rows=Annotated[list[Row], Field(max_length=200)], _together=False, _timeout=60.0,
        _answer=Record,
    ),
]  # fmt: skip

OPERATIONS = [*_READ, *_INTAKE, *_DISPATCH, *_WORK, *_JUDGING]
