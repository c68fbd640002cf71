"""The rows of lists and the words of filters, as the gateway declares them, against what the services have."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from gateway.api.operation import Operation
from services.cases.api import case_detail, parties
from services.cases.case import views
from services.cases.case.model import embedded
from services.cases.counter.model import Ticket
from services.cases.deliberation.model import Deliberation
from services.cases.mediation.model import Mediation
from services.cases.reviews.model import Proceeding
from services.org.api.emergencies import EmergencyStatus
from services.org.api.grids import MergeState
from services.org.divisions.model.division import Division
from services.org.emergencies import model as emergency
from services.org.grids.model import grid_merge
from services.org.grids.model.estate import Building, Estate
from services.org.grids.model.grid import Grid
from services.org.party import model as party_tree
from services.org.posts.model import post, unit
from services.org.posts.model.assignment import Assignment
from services.org.responsibilities.model import list_entry
from services.org.responsibilities.model.list_entry import ListEntry
from services.org.responsibilities.model.sponsorship import Sponsorship
from services.org.responsibilities.model.whistle_rule import WhistleRule
from tests.contract.test_gateway_operations import EVERY, forms_of, method_of
from tests.unit.cases import people as p
from tests.unit.cases.people import Story

#: What org publishes of a record is what its row shows.
PUBLISHED = {
    "list_divisions": Division, "list_grids": Grid, "list_estates": Estate, "list_buildings": Building,
    "list_party_organisations": party_tree.PartyOrganisation, "list_grid_merges": grid_merge.GridMerge,
    "list_emergencies": emergency.Emergency, "list_units": unit.Unit, "list_posts": post.Post,
    "list_assignments": Assignment,
    "list_entries": ListEntry, "list_whistle_rules": WhistleRule, "list_sponsorships": Sponsorship,
}  # fmt: skip
CASE = set(views.summary(Story().case, p.STREET_STAFF)) - {"version"}
SHOWN = {
    "list_cases": CASE, "work_list": CASE, "handover": CASE,
    "list_comments": {"id", "version", "unit", "visibility", "at", "author", "text"},
    "list_users": {"id", "kind", "active", "name"},
}  # fmt: skip
#: What is stored of these is shown as it is; the rest of it is sealed or for one's own eyes.
STORED = {
    "list_tickets": Ticket, "list_deliberations": Deliberation, "list_mediations": Mediation,
    "list_proceedings": Proceeding,
}  # fmt: skip
#: Words of filters that the service takes as any text.
WORDS = {
    ("list_units", "kind"): set(unit.KINDS),
    ("list_posts", "kind"): set(post.KINDS),
    ("list_entries", "kind"): set(list_entry.LISTS),
    ("list_grid_merges", "state"): set(get_args(MergeState)),
    ("list_emergencies", "state"): set(get_args(EmergencyStatus)),
}
LISTS = [operation for operation in EVERY if operation.paged]


def fields_of(model: type[Any]) -> set[str]:
    events = get_type_hints(model.state_event)["return"]
    published = {name for event in get_args(events) or (events,) for name in event.__struct_fields__}
    return {"id", "version", *published}


@pytest.mark.parametrize("operation", [each for each in LISTS if each.method in STORED], ids=lambda one: one.method)
def test_a_row_shows_fields_of_what_is_stored(operation: Operation) -> None:
    assert set(operation.row.__struct_fields__) <= {"id", "version", *get_type_hints(STORED[operation.method])}


@pytest.mark.parametrize(
    "operation", [each for each in LISTS if each.method in {**PUBLISHED, **SHOWN}], ids=lambda one: one.method
)
def test_a_row_has_the_fields_that_the_service_answers(operation: Operation) -> None:
    name, declared = operation.method, set(operation.row.__struct_fields__)
    assert declared == (fields_of(PUBLISHED[name]) if name in PUBLISHED else SHOWN[name])


def words_of(kind: Any) -> set[str]:
    """The few words that a type takes; none where it takes any. "" stands for none of them."""
    if get_origin(kind) is Literal:
        return {word for word in get_args(kind) if isinstance(word, str) and word}
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return {str(word) for word in kind}
    return set().union(*(words_of(part) for part in get_args(kind)))


def filters_of(operation: Operation) -> dict[str, Any]:
    form = operation.form if operation.verb == "GET" else None
    return {field.name: field.type for field in msgspec.structs.fields(form)} if form else {}


def filters() -> Iterator[tuple[Operation, str, Any]]:
    for operation in EVERY:
        given = filters_of(operation)
        for name, kind in (given | operation.named).items():
            if name not in ("limit", "after"):
                yield operation, name, kind


def taken_by(operation: Any) -> dict[str, Any]:
    """What the service's method takes: its parameters, and the fields of its form."""
    method = method_of(operation)
    taken = get_type_hints(method, include_extras=True)
    for form in forms_of(method).values():
        taken |= get_type_hints(form, include_extras=True)
    return taken


def test_a_filter_takes_the_words_that_its_service_has_and_no_others() -> None:
    for operation, name, kind in filters():
        taken = words_of(taken_by(operation)[name])
        assert words_of(kind) == WORDS.get((operation.method, name), taken), (operation.method, name)


#: Parts of a case's detail, each shown as it is stored.
PARTS = {
    case_detail.CaseFirstOwner: embedded.FirstOwner, case_detail.CaseVerification: embedded.Verification,
    case_detail.CaseBreach: embedded.Breach, case_detail.CaseReturn: embedded.Return,
    case_detail.CaseDispute: embedded.Dispute, case_detail.CaseCall: embedded.UnitCall,
    case_detail.CaseSubTask: embedded.SubTask, case_detail.CaseRequest: embedded.Request,
    case_detail.CaseUrge: embedded.Urge, case_detail.CaseSupervision: embedded.Supervision,
    parties.CaseChild: embedded.Child, case_detail.CaseResult: embedded.Result,
}  # fmt: skip


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_a_part_of_a_cases_detail_has_the_fields_that_are_stored(part: type[Any]) -> None:
    assert set(part.__struct_fields__) == {name for name in PARTS[part]._fields if name != "_cls"}


def test_a_cases_detail_has_the_fields_that_staff_and_parties_see() -> None:
    case = Story().case
    seen = views.detail(case, p.STREET_STAFF).keys() | views.detail(case, p.RESIDENT).keys()
    assert set(case_detail.CaseDetail.__struct_fields__) == (seen - {"sealed"}) | {"text", "address", "may"}
