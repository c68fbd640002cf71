"""A request for each operation of `residents` that passes everything but, perhaps, the question who may make it."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
from mongoengine import Document

from gateway.app import OPERATIONS
from services.residents.categories.model.category import CategoryEntry
from services.residents.dictionary.model import Field
from services.residents.dwellings.model import Dwelling
from services.residents.forms.model import FormTemplate
from services.residents.households.model import Household
from services.residents.managed.model import ManagedEntry
from services.residents.needs.model import Need
from services.residents.people.model import Resident
from services.residents.readings.model import ReadingAlert
from services.residents.reports.model import Report, ReportFile
from services.residents.representatives.model import Representative
from services.residents.rights_requests.model import RightsRequest
from services.residents.submissions.model import Submission
from services.residents.tables.model import ColumnMapping, TableImport
from services.residents.tasks.model import FormTask
from services.residents.visits.model import Visit
from services.residents.xforms import xlsx
from services.residents.xforms.workbook import workbook
from tests.contract.cases.rights.world import HERE
from tests.contract.residents.rights.records import FAR
from tests.unit.residents import samples as s
from tests.unit.residents.one_table import FIELDS, QUESTIONS, definition, published
from vocabulary.roles import Permission

Args = dict[str, Any]
NEEDS = {each.method: each.permissions for each in OPERATIONS["residents"]}
READING, FOR_IT = {"purpose": "care", "reason": "r"}, {"purpose": "managed", "reason": "r"}
ENTRY = {"name": "n", "aim": "a", "legal_basis": "b", "source": "s"}
SOON = (s.NOW + timedelta(days=100)).isoformat()
FIELD = msgspec.to_builtins(definition(about="resident"))
FORM = {"title": "t", "about": "resident", "questions": [{"field": "housing"}]}
FILE = base64.b64encode("编号,住房\nR1,own\n".encode()).decode()
MAPPING = {
    "title": "t", "about": "resident", "key_header": "编号", "columns": [{"header": "住房", "field": "housing"}],
}  # fmt: skip
REPORT = {"title": "t", "area": HERE, "tier": "micro_grid", "columns": [{"field": "housing"}]}
XLSFORM = base64.b64encode(xlsx.written(workbook(published("F1", QUESTIONS[0]), FIELDS))).decode()
ROW = {"line": 2, "person": "p", "register_household": "h", "area": HERE, "door": "d", "name": "李芳"}
FIND, MANAGED = Permission.FIND_RESIDENTS, Permission.READ_MANAGED
JOIN, OWN = Permission.JOIN_RESIDENTS, Permission.EXERCISE_RIGHTS
NUMBER = s.number_of(s.NOW.date().replace(year=1950))


class Kind(NamedTuple):
    """`sight`: who learns that a record exists, or None where the request is about none.

    `model`: what it addresses, by the argument `name`; in lists and where the record is in the body, nothing.
    """

    methods: Mapping[str, Args]
    sight: Permission | None = None
    model: type[Document] | None = None
    name: str = ""
    key: str = ""


KINDS: dict[str, Kind] = {
    "dwelling": Kind({"get_dwelling": {}, "remove_dwelling": {}}, FIND, Dwelling, "dwelling", "EMPTY"),
    "household": Kind(
        {
            "get_household": {}, "move_household": {"dwelling": "EMPTY"}, "split_household": {"residents": ["R1"]},
            "name_head": {"resident": "R1"}, "dissolve_household": {"household": "H2"},
            "open_household_sheet": READING, "colour_card": {"colour": "red"},
            "record_unplanned_visit": {"findings": "f"},
        },
        FIND, Household, "household", "H1",
    ),
    "resident": Kind(
        {
            "get_resident": {}, "open_resident": READING, "read_history": READING, "list_duplicates": {},
            "correct_resident": {"phone": "13900000001"}, "move_in": {"household": "H2"}, "move_out": {},
            "record_death": {"on": "2026-01-05"}, "merge_residents": {"into": "R2"},
            "unmerge_residents": {"resident": "MERGED"}, "list_categories": {}, "issue_join_code": {"resident": "R2"},
            "record_category": {"kind": "service", **ENTRY},
        },
        FIND, Resident, "resident", "R1",
    ),
    "managed resident": Kind(
        {"propose_managed": FOR_IT | ENTRY | {"valid_until": SOON}, "open_managed": FOR_IT},
        MANAGED, Resident, "resident", "R1",
    ),
    "at the counter": Kind(
        {
            "join_resident": {"resident": "R2", "user": "r-3", "proof": "passport"}, "end_join": {},
            "register_representative": {"user": "r-3", "name": "李芳", "proof": "kinship", "until": SOON},
        },
        JOIN, Resident, "resident", "R1",
    ),
    "representative": Kind({"end_representative": {}}, JOIN, Representative, "representative", "P1"),
    "own record": Kind(
        {
            "open_own_record": {}, "copy_own_record": {}, "print_own_record": {}, "end_own_join": {},
            "dismiss_representative": {"representative": "P1"},
            "request_correction": {"field": "name", "value": "王晓明"},
        },
        OWN, Resident, "resident", "R1",
    ),
    "own request": Kind({"withdraw_rights_request": {}}, OWN, RightsRequest, "request", "Q1"),
    "rights request": Kind(
        {"open_rights_request": {}, "accept_rights_request": {},
         "refuse_rights_request": {"reason": "other", "note": "n"}},
        Permission.ANSWER_RIGHTS_REQUESTS, RightsRequest, "request", "Q1",
    ),
    "need": Kind(
        {"open_need": READING, "revise_need": {"level": 2}, "meet_need": {}, "reopen_need": {"need": "MET"},
         "end_need": {}},
        FIND, Need, "need", "N1",
    ),
    "visit": Kind(
        {"get_visit": {}, "open_visit": READING, "move_visit": {"due": "2026-03-10"},
         "record_visit": {"findings": "f"}, "cancel_visit": {}},
        FIND, Visit, "visit", "V1",
    ),
    "task": Kind(
        {
            "get_prefilled": {"subject": "R1"}, "open_prefilled": {"subject": "R1", **READING},
            "answer_task": {"subject": "R1", "values": {}}, "finish_task": {},
        },
        FIND, FormTask, "task", "T1",
    ),
    "submission": Kind(
        {"compare_submission": {}, "open_submission": READING, "decide_submission": {"held_version": 1}},
        FIND, Submission, "submission", "S1",
    ),
    "entry": Kind(
        {"get_category": {}, "open_category": READING, "review_category": {}, "end_category": {}},
        Permission.KEEP_CATEGORIES, CategoryEntry, "entry", "E1",
    ),
    "managed entry": Kind(
        {"approve_managed": FOR_IT, "refuse_managed": FOR_IT, "review_managed": FOR_IT | {"entry": "IN-FORCE"},
         "end_managed": FOR_IT},
        MANAGED, ManagedEntry, "entry", "M1",
    ),
    "reading alert": Kind(
        {"get_reading_alert": {}, "explain_reading": {"note": "n"}, "confirm_misuse": {"note": "n"},
         "dismiss_reading_alert": {"note": "n"}},
        Permission.FOLLOW_UP_READING, ReadingAlert, "alert", "A1",
    ),
    "field": Kind({"get_field": {}, "revise_field": FIELD, "retire_field": {}},
                  Permission.LOOK_UP, Field, "field", "housing"),
    "form": Kind(
        {
            "get_form": {}, "list_overlaps": {}, "export_form": {}, "redraft_form": FORM | {"template": "DRAFT"},
            "draft_edition": FORM,
            "publish_form": {"template": "DRAFT"}, "retire_form": {},
            "give_form": {"template": "FREE", "area": HERE, "due": SOON},
            "show_progress": {"area": HERE},
        },
        Permission.LOOK_UP, FormTemplate, "template", "F1",
    ),
    "report": Kind(
        {"get_report": {}, "retire_report": {}, "ask_report": {}, "list_report_files": {}},
        FIND, Report, "report", "P1",
    ),
    "report file": Kind({"get_report_file": {}, "read_report_file": {}}, FIND, ReportFile, "file", "P1"),
    "mapping": Kind(
        {"get_mapping": {}, "retire_mapping": {}, "import_table": {"area": HERE, "file": FILE}},
        Permission.LOOK_UP, ColumnMapping, "mapping", "C1",
    ),
    "table": Kind({"get_table_import": {}, "list_rejected_rows": {}}, FIND, TableImport, "table", "B1"),
    "making": Kind(
        {"record_dwelling": {"area": HERE, "door": "d"}, "define_field": FIELD | {"code": "another"},
         "draft_form": FORM, "import_form": {"about": "resident", "file": XLSFORM}, "show_savings": {"area": HERE},
         "redeem_join_code": {"code": "C0DE", "name": "王小明"},
         "show_ledger": {"field": "housing", "area": HERE}, "define_report": REPORT, "map_columns": MAPPING,
         "import_residents": {"source": "s", "rows": [ROW]}},
    ),
    "inside": Kind(
        {"open_household": {"dwelling": "EMPTY"}, "record_resident": {"household": "H1", "name": "李芳"},
         "record_need": {"resident": "R1", "need": "health"}, "plan_visit": {"household": "H1", "due": "2026-03-10"}},
        FIND,
    ),
    "listing": Kind(
        {"list_dwellings": {}, "list_households": {}, "list_residents": {},
         "search_residents": {"by": "name", "value": "王小明"}, "list_needs": {}, "list_visits": {},
         "list_due_visits": {}, "plan_route": {}, "list_tasks": {}, "list_submissions": {},
         "list_entries_in_force": {}, "list_fields": {},
         "list_forms": {}, "list_reports": {}, "list_mappings": {}, "list_table_imports": {},
         "list_reading_alerts": {}, "list_rights_requests": {}},
    ),
    "finding": Kind({"identify_resident": {"name": "王小明", "identity_number": NUMBER}, "list_own_records": {}}),
    "managed listing": Kind({"list_managed": FOR_IT}, MANAGED),
}  # fmt: skip
#: The record in the body in whose area the caller must work.
DECIDES = {
    "open_household": "dwelling", "record_resident": "household", "record_need": "resident", "plan_visit": "household",
    "move_in": "household",
}  # fmt: skip
#: Records that a body names, beside the one that is addressed.
NAMES = ("dwelling", "household", "resident", "residents", "into", "subject")
_PAST, _FAR_AHEAD = "2026-01-01", "2199-01-01"
_PROFILE = {"identity_number": "123", "birthday": _FAR_AHEAD}
_TERM = {"valid_until": f"{_FAR_AHEAD}T00:00:00Z", "review_at": f"{_PAST}T00:00:00Z"}
_MATTER, _ASKED = {"matter": {"category": "no.thing"}}, {"questions": [{"field": "nothing"}]}
_PLAN = {"due": _PAST, "worker": "nobody"}
_FAULTS: dict[str, Args] = {
    "correct_resident": _PROFILE, "record_resident": _PROFILE, "record_death": {"on": _FAR_AHEAD},
    "revise_need": {"since": _FAR_AHEAD}, "record_need": {"need": "nothing"}, "colour_card": {"colour": "nothing"},
    "plan_visit": _PLAN, "move_visit": _PLAN, "record_visit": _MATTER, "record_unplanned_visit": _MATTER,
    "record_category": _TERM, "review_category": _TERM, "propose_managed": _TERM,
    "review_managed": {"review_at": _TERM["review_at"]}, "answer_task": {"values": {"nothing": 1}},
    "decide_submission": {"held_version": 9, "keep": ["nothing"]},
    "give_form": {"due": f"{_PAST}T00:00:00Z"}, "draft_form": _ASKED, "redraft_form": _ASKED, "draft_edition": _ASKED,
    "define_field": {"kind": "whole"}, "revise_field": {"kind": "whole"},
    "record_dwelling": {"building": "nowhere"}, "identify_resident": {"identity_number": "123"},
    "register_representative": {"until": f"{_PAST}T00:00:00Z"}, "request_correction": {"value": ""},
    "join_resident": {"user": "somebody"}, "dismiss_representative": {"representative": "NONE9"},
}  # fmt: skip
KIND_OF = {method: kind for kind, each in KINDS.items() for method in each.methods}


def request(method: str) -> Args:
    kind = KINDS[KIND_OF[method]]
    return ({kind.name: kind.key} if kind.name else {}) | kind.methods[method]


def variants(method: str) -> Iterator[Args]:
    """Yields the request, and then with faults in all but what it is about and who may make it."""
    args, kind = request(method), KINDS[KIND_OF[method]]
    others = args.keys() & set(NAMES) - {kind.name, DECIDES.get(method)}
    yield args
    for named in ("NONE9", FAR):
        if others:
            yield args | {each: naming(args[each], named) for each in others}
    if faults := _FAULTS.get(method, {"purpose": "callback"} if args.items() >= READING.items() else {}):
        yield args | faults


def naming(value: Any, ending: str) -> Any:
    """Returns the ids with an ending that makes others of them."""
    return [naming(each, ending) for each in value] if isinstance(value, list) else f"{value}{ending}"
