"""The gateway's table of operations against the commands and queries of the services."""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args, get_type_hints

import msgspec
import pytest
from starlette.testclient import TestClient

import gateway
from chassis.types import Form, Page
from gateway.api import schema
from gateway.api.operation import Operation
from gateway.app import OPERATIONS, create
from gateway.photos import routes as photos
from gateway.request_context import AppState
from launcher import service_list
from services.org.api.users import Standing
from vocabulary.roles import Permission

SERVICES = {service.name: service.runs.split(":") for service in service_list.SERVICES}
EVERY = [operation for table in OPERATIONS.values() for operation in table]
ALL = [*EVERY, photos.SEND, photos.SHOW]
#: Asked by the gateway itself.
NOT_ROUTED = {
    "org": {"principal_of", "principal_of_app_password", "sign_in", "register"},
    "cases": {"ask_photo", "note_photo_stored", "view_photo"},
    # by OpenRosa, a protocol of its own
    "residents": {"list_phone_forms", "get_phone_form", "list_phone_subjects", "submit_form"},
}

#: No service's answers: what all answers have in common, and a setting.
OWN_SHAPES = {
    "gateway.api.endpoint._Versioned",
    "gateway.api.endpoint._Listed",
    "gateway.rpc.client._Reply",
    "gateway.settings.TrustedIssuer",
}

#: By the service, whose type takes what was stored before.
CHECKED_AS_A_WHOLE = {"change_settings"}
#: Codes, secrets and files: checked for what they are.
NO_PROSE = {"kind", "hazard", "caller", "tier", "outcome", "issuer", "subject", "service", "login", "password", "old",
            "new", "file"}  # fmt: skip


def method_of(operation: Operation) -> Any:
    module, name = SERVICES[operation.service]
    return getattr(getattr(import_module(module), name), operation.method, None)


def arguments_of(method: Any) -> dict[str, inspect.Parameter]:
    return dict(list(inspect.signature(method).parameters.items())[2:])


def forms_of(method: Any) -> dict[str, type[Form]]:
    hints = get_type_hints(method, include_extras=True)
    return {name: hints[name] for name in arguments_of(method) if is_form(hints[name])}


def is_form(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Form)


@pytest.mark.parametrize("operation", EVERY, ids=lambda operation: f"{operation.service}.{operation.method}")
def test_the_gateway_reads_the_very_form_that_the_service_declares(operation: Operation) -> None:
    method = method_of(operation)
    assert method is not None, "the service has no such method"
    forms = forms_of(method)
    assert list(forms.values()) == ([operation.form] if operation.form else [])
    rest = {name: parameter for name, parameter in arguments_of(method).items() if name not in forms}
    required = {name for name, parameter in rest.items() if parameter.default is inspect.Parameter.empty}
    given = {*operation.parameters, *(["patch"] if operation.patches else [])}
    assert required <= given <= set(rest)
    if operation.paged:
        assert operation.form
        assert issubclass(operation.form, Page)


def test_every_shape_of_the_api_is_declared_by_the_service_that_has_it() -> None:
    """A second declaration could differ in a bound: the gateway has none of its own."""
    for operation in EVERY:
        shapes = [operation.form] + ([operation.row] if operation.paged else [operation.answer])
        for shape in shapes:
            if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
                home = shape.__module__
                assert home.startswith((f"services.{operation.service}.api.", "chassis.types", "gateway.api.table")), (
                    home
                )


def test_what_the_gateway_itself_decodes_of_a_service_is_declared_by_that_service() -> None:
    """A second declaration with defaults would read a renamed field as absent."""
    strangers = [f"{home}: {kind}" for home, kind in decoded() if not is_declared(kind)]
    assert not strangers
    assert {kind.__name__ for _, kind in decoded() if getattr(kind, "__module__", "").startswith("services.")} == {
        "KnownUser", "PhoneFile", "PhoneForms", "PhotoTicket", "Standing",
    }  # fmt: skip


@pytest.mark.parametrize("field", ["subject", "roles", "area", "unit", "post", "purposes"])
def test_a_principal_is_never_made_of_a_standing_that_lost_a_field(field: str) -> None:
    whole = Standing(subject="u-1", roles=["street"], area="/1503/", unit="1503", post="p-1", purposes=["intake"])
    rest = {name: value for name, value in msgspec.to_builtins(whole).items() if name != field}
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(rest, Standing)


def decoded() -> Iterator[tuple[str, Any]]:
    """Yields each type that a module of the gateway decodes JSON into, with the module."""
    for file in sorted(Path(gateway.__path__[0]).rglob("*.py")):
        home = ".".join(("gateway", *file.relative_to(gateway.__path__[0]).with_suffix("").parts))
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and (kind := type_decoded_by(call)) is not None:
                # The source is our own.
                yield home, eval(ast.unparse(kind), vars(import_module(home)))  # noqa: S307


def type_decoded_by(call: ast.Call) -> ast.expr | None:
    called = ast.unparse(call.func)
    if called.endswith("Decoder") and call.args:
        return call.args[0]
    if called.endswith((".decode", ".convert")):
        return next((each.value for each in call.keywords if each.arg == "type"), None)
    return None


def is_declared(kind: Any) -> bool:
    kinds = [kind, *get_args(kind)]
    structs = [each for each in kinds if isinstance(each, type) and issubclass(each, msgspec.Struct)]
    return all(
        each.__module__.startswith(("services.", "chassis.")) or f"{each.__module__}.{each.__name__}" in OWN_SHAPES
        for each in structs
    )


def test_a_new_resource_is_addressed_by_a_field_of_its_answer() -> None:
    for operation in EVERY:
        if operation.creates and any(other.is_read_at(f"{operation.path}/0") for other in EVERY):
            assert operation.key in operation.answer.__struct_fields__, operation.method


@pytest.mark.parametrize("operation", EVERY, ids=lambda operation: f"{operation.service}.{operation.method}")
def test_a_text_that_must_be_there_says_something(operation: Operation) -> None:
    if operation.form is None or operation.verb == "GET" or operation.method in CHECKED_AS_A_WHOLE:
        return
    hints = get_type_hints(operation.form, include_extras=True)
    for field in msgspec.structs.fields(operation.form):
        read = functools.partial(msgspec.convert, type=hints[field.name])
        if field.required and field.name not in NO_PROSE and takes(read, "一段话"):
            assert not [blank for blank in ("", " \n", "\u3000") if takes(read, blank)], field.name


def test_shapes_of_the_api_have_names_of_their_own() -> None:
    """Of two with the same name OpenAPI would show both under the names of their modules."""
    assert not [name for name in schema.components(EVERY) if name.startswith(("services", "gateway", "chassis"))]


def takes(layer: Any, text: str) -> bool:
    try:
        layer(text)
    except msgspec.ValidationError:
        return False
    return True


def entrypoints() -> Iterator[tuple[str, str]]:
    for service, (module, name) in SERVICES.items():
        for method, function in inspect.getmembers(getattr(import_module(module), name), inspect.isfunction):
            if any(type(entry).__name__ == "Entry" for entry in getattr(function, "nameko_entrypoints", ())):
                yield service, method


def test_every_command_and_query_can_be_reached() -> None:
    routed = {(operation.service, operation.method) for operation in EVERY}
    missing = {each for each in entrypoints() if each not in routed and each[1] not in NOT_ROUTED.get(each[0], ())}
    assert missing == set()


def test_every_operation_names_the_rights_of_which_it_needs_one() -> None:
    assert [each.method for each in ALL if not each.permissions] == ["follow"]  # by number and code alone


def test_every_right_of_the_table_is_needed_by_an_operation() -> None:
    assert {permission for each in ALL for permission in each.permissions} == set(Permission)


def test_the_api_says_who_may_in_the_words_of_the_table() -> None:
    told = {each.method: each.needs for each in ALL}
    assert told["verify"] == "grid worker, grid leader, community, street (in their area); inspector (assigned to them)"
    assert told["hear_department"] == "community, street, department (of their unit)"
    assert told["declare_emergency"] == told["end_emergency"] == "centre (in their area)"
    assert told["list_users"] == "tenant admin (in their area); for the whole city"


def described() -> set[tuple[str, str]]:
    """Returns verb and path of every route that the API's own description has."""
    settings = SimpleNamespace(
        cors_origins=[], trusted_proxies=[], request_bytes=1, photo_bytes=1, public_url="https://linli.example"
    )
    sessions, callers = SimpleNamespace(own=None), SimpleNamespace(tenant_of=None)
    state = SimpleNamespace(settings=settings, sessions=sessions, callers=callers)
    document = TestClient(create(cast(AppState, state))).get("/v1/openapi.json").json()
    return {(verb.upper(), path) for path, verbs in document["paths"].items() for verb in verbs}


def test_a_route_that_is_no_operation_is_one_of_the_gateways_own() -> None:
    """Deny by default: who may use a route of another kind has to be written here, and thought about."""
    own = {
        ("POST", "/v1/sessions"), ("POST", "/v1/users/register"), ("GET", "/v1/me"), ("GET", "/v1/events"),
    }  # fmt: skip
    table = {(each.verb, re.sub(r":\w+}", "}", each.path)) for each in ALL}
    assert described() == own | table
