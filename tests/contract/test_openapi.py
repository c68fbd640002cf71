"""What the OpenAPI document says, to whoever reads it and to whoever generates a client from it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.ids import as_derived
from chassis.validation import convert
from gateway.api.operation import Operation
from gateway.auth.routes import SignIn, SignUp
from services.cases.api.reviews import ProceedingState
from services.cases.api.states import IN_WORK_LISTS
from services.cases.case.sealed_text import follow_code
from services.cases.counter.model import ItemState
from services.cases.deliberation.model import State as DeliberationState
from services.cases.evidence.model import PhotoState
from services.cases.mediation.model import State as MediationState
from services.org.party.model import KINDS as PARTY_KINDS
from services.org.posts.model.post import MICRO_GRID_THREE
from tests.contract.api_document import document, json_of, operations, resolved, successes
from tests.contract.dry import SEALER
from tests.contract.test_gateway_operations import ALL, EVERY
from tests.servers.declared import check, strict
from tests.servers.declared_http import require_declared

OPERATIONS = dict(operations())
FORMS = {form.__name__: form for form in (*(each.form for each in EVERY if each.form), SignIn, SignUp)}
#: Whoever calls these is not signed in, or need not be.
OPEN = {
    "POST /v1/sessions", "POST /v1/users/register", "POST /v1/cases", "POST /v1/follow", "POST /v1/photos",
    "POST /v1/cases/{case}/object", "POST /v1/cases/{case}/withdraw", "POST /v1/cases/{case}/rate",
    "POST /v1/cases/{case}/reopen", "POST /v1/cases/{case}/urge",
}  # fmt: skip


def test_the_document_is_valid_openapi_3_1() -> None:
    assert document()["openapi"].startswith("3.1")
    assert not [error.message for error in OpenAPIV31SpecValidator(document()).iter_errors()]


def untyped(schema: dict[str, Any], where: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yields the places of a schema at which anything may stand, but for the value of a setting."""
    if where in (".changed[].previous", ".changed[].current"):
        return
    if (reference := schema.get("$ref", "")) in seen:
        return
    part, seen = resolved(schema), seen | {reference} if reference else seen
    for index, branch in enumerate(part.get("anyOf", ())):
        yield from untyped(branch, f"{where}|{index}", seen)
    if not {"anyOf", "enum", "const", "type"} & part.keys() or (not where and part.get("type") == "null"):
        yield where
    if part.get("type") == "object" and not {"properties", "additionalProperties"} & part.keys():
        yield where
    for name, inner in part.get("properties", {}).items():
        yield from untyped(inner, f"{where}.{name}", seen)
    if isinstance(inner := part.get("additionalProperties"), dict):
        yield from untyped(inner, f"{where}.*", seen)
    if part.get("type") == "array" and not where.endswith(".coordinates"):
        yield from untyped(part.get("items", {}), f"{where}[]", seen)


def test_a_schema_has_a_name_of_its_own() -> None:
    """Two types of one name would get names with dots, of which generators of clients make nothing."""
    assert not [name for name in document()["components"]["schemas"] if not name.isidentifier()]


def test_operations_stand_in_groups_that_a_reader_can_survey() -> None:
    groups = Counter(tag for operation in OPERATIONS.values() for tag in operation["tags"])
    assert groups.total() == len(OPERATIONS)
    assert {"cases", "work lists", "sub-tasks", "mediation", "supervision", "reports"} <= groups.keys()
    assert max(groups.values()) <= 25, groups


@pytest.mark.parametrize("operation", ALL, ids=lambda each: each.method)
def test_an_operation_is_shown_under_the_tag_of_its_route(operation: Operation) -> None:
    path = re.sub(r":\w+}", "}", operation.path)
    assert OPERATIONS[f"{operation.verb} {path}"]["tags"] == [operation.tag]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_success_has_a_typed_answer(name: str) -> None:
    answers = [*successes(OPERATIONS[name])]
    assert answers
    for answer in answers:
        [content] = answer["content"].values()
        assert not [*untyped(content["schema"], "")]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_parameter_is_described(name: str) -> None:
    assert not [each["name"] for each in OPERATIONS[name].get("parameters", ()) if not each.get("description")]


def test_the_reference_says_what_each_work_list_holds() -> None:
    [name] = [each for each in OPERATIONS["GET /v1/work/{name}"]["parameters"] if each["name"] == "name"]
    assert set(name["schema"]["enum"]) == set(IN_WORK_LISTS)
    for code, held in IN_WORK_LISTS.items():
        assert f"`{code}`: {held}" in name["description"]


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_says_whether_it_needs_a_sign_in(name: str) -> None:
    security = OPERATIONS[name]["security"]
    assert (security in ([], [{}, {"bearer": []}])) if name in OPEN else security == [{"bearer": []}]


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_headers_that_an_answer_carries_are_declared(name: str) -> None:
    answers = OPERATIONS[name]["responses"]
    for status in ("429", "503", "504"):
        assert "Retry-After" in answers[status]["headers"]
    for answer in successes(OPERATIONS[name]):
        versioned = "version" in resolved(json_of(answer)).get("properties", {})
        assert ("ETag" in answer["headers"]) is versioned
    references = {header["$ref"] for answer in answers.values() for header in answer["headers"].values()}
    assert {each.rpartition("/")[2] for each in references} <= document()["components"]["headers"].keys()


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_request_that_cannot_be_read_is_a_declared_problem(name: str) -> None:
    assert "400" in OPERATIONS[name]["responses"]


def test_the_next_page_has_one_name_everywhere() -> None:
    for name, schema in document()["components"]["schemas"].items():
        assert not {"after", "next_page", "page"} & schema.get("properties", {}).keys(), name
    for name, operation in OPERATIONS.items():
        assert not {"after", "page"} & {each["name"] for each in operation.get("parameters", ())}, name


def test_a_user_is_named_by_its_id_like_every_other_record() -> None:
    for name in ("UserId", "ListedUser", "UserStatus", "ShownUser", "Me", "SignedIn"):
        assert "id" in document()["components"]["schemas"][name]["properties"]
        assert "subject" not in document()["components"]["schemas"][name]["properties"]


def shapes() -> dict[str, dict[str, Any]]:
    """Every schema of a JSON body or answer, by its name or its operation."""
    found = {}
    for name, operation in OPERATIONS.items():
        for schema in (json_of(operation.get("requestBody", {})), *map(json_of, successes(operation))):
            if schema:
                found[schema.get("$ref", name).rpartition("/")[2] if "$ref" in schema else name] = resolved(schema)
    return found


@pytest.mark.parametrize(("name", "schema"), shapes().items(), ids=shapes())
def test_every_body_and_answer_has_an_example_that_it_takes(name: str, schema: dict[str, Any]) -> None:
    [example] = schema["examples"]
    whole = strict({**schema, "components": document()["components"]})
    jsonschema.Draft202012Validator(whole).validate(example)
    if form := FORMS.get(name):
        convert(example, form)
    assert not [*placeholders(example)]


def said(name: str) -> dict[str, Any]:
    example: dict[str, Any] = document()["components"]["schemas"][name]["examples"][0]
    return example


def test_an_example_shows_the_kind_of_value_that_its_field_has() -> None:
    code = said("Reported")["code"]
    assert said("Receipt")["code"] == code == as_derived(code)
    assert len(code) == len(follow_code(SEALER, "CASE1"))
    assert set(said("MicroGridPosts")["missing"]) < set(MICRO_GRID_THREE)
    assert said("OrganisationPlan")["kind"] in PARTY_KINDS
    for person in ("NewUser", "SignUp", "ShownUser", "Visit", "ShownTicket"):
        assert said(person)["name"] == "赵新梅"
    assert said("ShownDeliberation")["state"] in set(DeliberationState)
    assert said("ShownMediation")["state"] in set(MediationState)
    assert said("ShownProceeding")["state"] in set(ProceedingState)
    assert {item["state"] for item in said("ShownTicket")["items"]} <= set(ItemState)
    assert said("PhotoKept")["state"] in set(PhotoState)


def placeholders(example: Any) -> Iterator[str]:
    """Yields the fields that say only their own name, for want of a word."""
    if isinstance(example, dict):
        for name, value in example.items():
            if value in (name, [name]):
                yield name
            yield from placeholders(value)
    elif isinstance(example, list):
        for each in example:
            yield from placeholders(each)


def test_a_real_answer_with_a_field_that_is_not_declared_is_found() -> None:
    with pytest.raises(AssertionError, match="colour"):
        check("cases", "comment", {"id": "7", "version": 1, "colour": "red"})
    request = httpx.Request("GET", "https://linli.test/v1/me/standings")
    with pytest.raises(AssertionError, match="does not declare"):
        require_declared(httpx.Response(200, request=request, headers={"ETag": '"1"'}, json=[]))
