"""What stands beside cases: photos and comments on them, counter, hotline, deliberation, mediation, review, figures."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from gateway.api.answers import Found
from gateway.api.old_table import ANYBODY, Service
from gateway.api.rows import ListedComment, ListedDeliberation, ListedMediation, ListedProceeding, ListedTicket
from gateway.api.types import (
    CategoryCode,
    Form,
    Id,
    Latitude,
    Longitude,
    Moment,
    NoteIfAny,
    Path,
    Phone,
    Point,
    Prose,
    Title,
    Unit,
    UnitIfAny,
    Word,
)

cases = Service("cases", named={"kind": Literal["review", "accountability"], "day": date, "week": date})

Words = Annotated[list[Word], Field(max_length=40)]
Numbers = Annotated[list[int], Field(min_length=1, max_length=20)]
Days = Annotated[int, Field(ge=1, le=31)]
COUNTER = "counter"
HOTLINE = "hotline"
CENTRE = "centre"
REVIEWED = "the department that it is about"
STAFF = "staff of the area"


class VisitService(Form):
    """One thing that the visitor came for, and who does it."""

    service: Id
    unit: Unit


class Visit(Form):
    """One ticket, many services (一窗通办)."""

    area: Path
    services: Annotated[list[VisitService], Field(min_length=1, max_length=20)]
    name: Word = ""
    phone: Phone = ""
    note: NoteIfAny = ""


class Invitation(Form):
    kind: Literal["community", "owners", "property", "residents", "member_unit", "department", "other"]
    unit: UnitIfAny = ""


class Convening(Form):
    """`kind`: the tenant's kind of deliberation; `series`: of regular talks."""

    kind: Word
    area: Path
    topic: Prose
    at: Moment
    invitees: Annotated[list[Invitation], Field(min_length=1, max_length=60)]
    series: Word = ""
    source: Word = ""


class FollowUp(Point):
    """The case that a decision asks for."""

    category: CategoryCode
    area: Path
    text: Prose


class TakenCall(Form):
    """How a call to the hotline ended."""

    outcome: Word
    phone: Phone = ""
    article: Word = ""
    case: Word = ""
    note: NoteIfAny = ""


class Shift(Form):
    starts: Moment
    ends: Moment
    person: Id
    post: Word = ""


class Participant(Form):
    person: Id
    capacity: Literal["party", "mediator", "invited"]
    body: Word = ""
    name: Word = ""


class Opening(Form):
    """A mediation; `standing`: bodies that take part in every one."""

    area: Path
    category: CategoryCode
    topic: Prose
    participants: Annotated[list[Participant], Field(min_length=3, max_length=40)]
    standing: Annotated[list[Word], Field(max_length=8)] = []
    case: Word = ""


class Grounds(Form):
    """One of: a founded review, a case past its deadline, or a unit's low satisfaction in a period."""

    review: Word = ""
    case: Word = ""
    unit: UnitIfAny = ""
    since: date | None = None
    until: date | None = None
    floor: Annotated[float, Field(gt=0, lt=1)] = 0.6


Shifts = Annotated[list[Shift], Field(max_length=200)]
_TICKET = "/v1/tickets/{ticket}"
_DELIBERATION = "/v1/deliberations/{deliberation}"
_ARTICLE = "/v1/hotline/articles/{article}"
_MEDIATION = "/v1/mediations/{mediation}"
_PROCEEDING = "/v1/proceedings/{kind}/{proceeding}"

_EVIDENCE = [
    cases.creates(
        "/v1/cases/{case}/comments", "comment", "Comment on a case", "whoever sees it",
        text=Prose, visibility=Literal["staff", "parties"] | None,
    ),
    cases.lists("/v1/cases/{case}/comments", "list_comments", "Comments on a case", "whoever sees it", ListedComment),
]  # fmt: skip

_COUNTER = [
    cases.creates(
        "/v1/tickets", "open_ticket", "Open a ticket; answers the receipt", COUNTER, _body=Visit, _into="visit",
    ),
    cases.lists(
        "/v1/tickets", "list_tickets", "Tickets of the counter, or with the department", ANYBODY, ListedTicket,
        state=Literal["OPEN", "CLOSED"] | None,
    ),
    cases.reads("/v1/receipts/{receipt}", "find_ticket", "The ticket behind a receipt", COUNTER),
    cases.reads(_TICKET, "get_ticket", "A ticket", "who took it, its counter, its departments"),
    cases.acts(
        _TICKET + "/missing", "tell_missing", "Say which papers are missing", "who serves the item",
        item=int, missing=Words,
    ),
    cases.acts(_TICKET + "/visits", "note_visit", "The visitor came again", COUNTER, brought=Numbers),
    cases.acts(
        _TICKET + "/items/{item:int}/end", "end_item", "An item is done, or cannot be", "who serves the item",
        done=bool, reason=Word | None,
    ),
    cases.acts(_TICKET + "/case", "name_ticket_case", "What was told became this case", COUNTER, case=Id),
]  # fmt: skip

_DELIBERATIONS = [
    cases.creates(
        "/v1/deliberations", "convene", "Convene a deliberation (四方共议)", STAFF, _body=Convening, _into="convening"
    ),
    cases.lists(
        "/v1/deliberations", "list_deliberations", "Deliberations", ANYBODY, ListedDeliberation, series=Word | None
    ),
    cases.reads(_DELIBERATION, "get_deliberation", "A deliberation", "staff of the area, who is invited"),
    cases.acts(
        _DELIBERATION + "/hold", "hold_deliberation", "Who was there, and the minutes", STAFF,
        present=Words, minutes=Prose,
    ),
    cases.acts(
        _DELIBERATION + "/decide", "decide_deliberation", "The decision, and the case that follows", STAFF,
        decision=Prose, follow_up=FollowUp | None,
    ),
    cases.acts(_DELIBERATION + "/cancel", "cancel_deliberation", "Cancel it", STAFF),
]  # fmt: skip

_HOTLINE = [
    cases.creates("/v1/hotline/calls", "take_call", "Record a call", HOTLINE, _body=TakenCall, _into="taken"),
    cases.asks(
        "/v1/hotline/callers-cases", "list_callers_cases", "The caller's open cases, by the number", HOTLINE,
        phone=Phone, limit=int | None,
    ),
    cases.creates(
        "/v1/hotline/callbacks", "promise_callback", "Promise to call back", HOTLINE, phone=Phone, case=Word | None
    ),
    cases.reads(
        "/v1/hotline/callbacks", "list_callbacks", "Whom to call back, the longest due first", HOTLINE,
        _answer=Found, limit=int | None,
    ),
    cases.acts(
        "/v1/hotline/callbacks/{callback}/attempts", "note_callback", "Whether they were reached", HOTLINE,
        reached=bool, note=NoteIfAny | None,
    ),
    cases.sets(
        "/v1/hotline/rosters/{week}", "plan_roster", "Plan a week; answers the gaps", "hotline, centre", shifts=Shifts
    ),
    cases.reads("/v1/hotline/rosters/{week}", "get_roster", "A week's roster, by its Monday", HOTLINE),
    cases.reads("/v1/hotline/on-duty", "who_is_on_duty", "Who answers now", HOTLINE, _answer=Found),
    cases.reads(
        "/v1/hotline/articles", "search_articles", "Search the knowledge base", STAFF, _answer=Found, words=Title
    ),
    cases.creates(
        "/v1/hotline/articles", "draft_article", "Draft an article", "hotline, centre",
        title=Title, answer=Prose, category=CategoryCode | None,
    ),
    cases.sets(
        _ARTICLE, "edit_article", "Change an article", "hotline, centre",
        title=Title, answer=Prose, category=CategoryCode | None,
    ),
    cases.acts(_ARTICLE + "/publish", "publish_article", "Publish it", "centre"),
    cases.acts(_ARTICLE + "/retire", "retire_article", "Retire it", "centre"),
]  # fmt: skip

_MEDIATIONS = [
    cases.creates("/v1/mediations", "open_mediation", "Open a mediation", STAFF, _body=Opening, _into="opening"),
    cases.lists(
        "/v1/mediations", "list_mediations", "Mediations that one takes part in", "those in it", ListedMediation
    ),
    cases.reads(_MEDIATION, "get_mediation", "A mediation", "those in it"),
    cases.acts(
        _MEDIATION + "/sessions", "hold_mediation_session", "A session, with its minutes", "the mediator",
        present=Words, minutes=Prose,
    ),
    cases.acts(
        _MEDIATION + "/agreement", "propose_agreement", "Propose the agreement", "the mediator",
        agreement=Prose, fulfil_by=Moment,
    ),
    cases.acts(_MEDIATION + "/sign", "sign_agreement", "Sign it", "a party"),
    cases.acts(_MEDIATION + "/fulfilled", "confirm_fulfilled", "Confirm that it was kept", "a party"),
    cases.acts(_MEDIATION + "/default", "report_default", "Report that it was not", "a party"),
    cases.acts(_MEDIATION + "/leave", "leave_mediation", "Leave it", "a party"),
    cases.acts(
        _MEDIATION + "/give-up", "give_up_mediation", "Give it up: it names arbitration or court", "the mediator",
    ),
]  # fmt: skip

_REVIEWS = [
    cases.lists(
        "/v1/proceedings/{kind}", "list_proceedings", "Reviews or accountability (问责)",
        "centre, supervisor, the unit", ListedProceeding,
        state=Literal["OPEN", "HEARD", "FOUNDED", "UNFOUNDED", "APPEALED", "UPHELD", "STRUCK"] | None,
    ),
    cases.creates(
        "/v1/proceedings/accountability", "hold_accountable", "Open accountability (问责)", CENTRE,
        _body=Grounds, _into="grounds",
    ),
    cases.reads(_PROCEEDING, "get_proceeding", "One of them", "centre, supervisor, the unit"),
    cases.acts(_PROCEEDING + "/hear", "hear_department", "What the department says", REVIEWED, statement=Prose),
    cases.acts(
        _PROCEEDING + "/conclude", "conclude_proceeding", "Conclude it", CENTRE, founded=bool, finding=Prose
    ),
    cases.acts(
        _PROCEEDING + "/appeal", "appeal_proceeding", "Appeal (申诉), within 3 days", REVIEWED, grounds=Prose
    ),
    cases.acts(
        _PROCEEDING + "/rule", "rule_on_appeal", "Rule on the appeal (申诉剔除)", CENTRE,
        granted=bool, ruling=NoteIfAny | None,
    ),
]  # fmt: skip

_FIGURES = [
    cases.figures(
        "/v1/indicators", "get_indicators", "Indicators by area and department, never by person",
        "grid leader, community, street, centre, supervisor, the department for itself",
        since=date, until=date, area=Path | None, unit=UnitIfAny | None, split=Literal["area", "unit", "day"] | None,
        leaving=bool | None,
    ),
    cases.figures(
        "/v1/daily-reports/{day}", "get_daily_report", "The daily report (日报)",
        "community, street, centre, supervisor",
    ),
    cases.figures(
        "/v1/hot-spots", "list_hot_spots", "Where a category became more than usual; never about persons", STAFF,
        since=date, days=Days | None, area=Path | None, leaving=bool | None,
    ),
    cases.asks(
        "/v1/duplicates", "suggest_duplicates", "Open cases near by that may be the same, while typing", "intake",
        category=CategoryCode, lon=Longitude, lat=Latitude, text=Prose | None,
    ),
    cases.reads(
        "/v1/cases/{case}/suggested-units", "suggest_units", "Units to dispatch to, with the reason", "street, centre",
        _answer=Found,
    ),
]  # fmt: skip

OPERATIONS = [*_EVIDENCE, *_FIGURES, *_COUNTER, *_HOTLINE, *_DELIBERATIONS, *_MEDIATIONS, *_REVIEWS]
