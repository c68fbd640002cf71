"""The gateway's table of operations against the services' own signatures, since neither may import the other."""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
import pytest
from pydantic import TypeAdapter, ValidationError

from chassis.types import Form, Page
from gateway.api import schema
from gateway.api.old_operation import Operation as OldOperation
from gateway.api.operation import Operation
from gateway.app import OPERATIONS
from vocabulary.roles import HOLDERS, Power

SERVICES = {"cases": ("services.cases.service", "Cases"), "org": ("services.org.service", "Org")}
EVERY = [operation for table in OPERATIONS.values() for operation in table]
SHAPED = [operation for operation in EVERY if isinstance(operation, Operation)]
OLD = [operation for operation in EVERY if not isinstance(operation, Operation)]
#: Asked by the gateway itself.
NOT_ROUTED = {
    "org": {"principal_of", "sign_in", "register"},
    "cases": {"ask_photo", "note_photo_stored", "view_photo"},
}


def method_of(operation: Operation) -> Any:
    module, name = SERVICES[operation.service]
    return getattr(getattr(import_module(module), name), operation.method, None)


def arguments_of(method: Any) -> dict[str, inspect.Parameter]:
    return dict(list(inspect.signature(method).parameters.items())[2:])


def given_by(operation: OldOperation) -> dict[str, bool]:
    """Argument → whether the request always brings it."""
    given = dict.fromkeys(re.findall(r"{(\w+)(?::\w+)?}", operation.path), True)
    if operation.into:
        given[operation.into] = True
    elif operation.body:
        given |= {name: field.is_required() for name, field in operation.body.model_fields.items()}
    if operation.query:
        given |= {name: field.is_required() for name, field in operation.query.model_fields.items()}
    if operation.position:
        del given["cursor"], given["fields"]
        given[operation.position] = False
    return given


def forms_of(method: Any) -> dict[str, type[Form]]:
    hints = get_type_hints(method, include_extras=True)
    return {name: hints[name] for name in arguments_of(method) if is_form(hints[name])}


def is_form(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Form)


@pytest.mark.parametrize("operation", SHAPED, ids=lambda operation: f"{operation.service}.{operation.method}")
def test_the_gateway_reads_the_very_form_that_the_service_declares(operation: Operation) -> None:
    method = method_of(operation)
    assert method is not None, "the service has no such method"
    forms = forms_of(method)
    assert list(forms.values()) == ([operation.form] if operation.form else [])
    rest = {name: parameter for name, parameter in arguments_of(method).items() if name not in forms}
    required = {name for name, parameter in rest.items() if parameter.default is inspect.Parameter.empty}
    assert required <= set(operation.parameters) <= set(rest)
    if operation.paged:
        assert operation.form
        assert issubclass(operation.form, Page)


def test_every_shape_of_the_api_is_declared_by_the_service_that_has_it() -> None:
    """A second declaration could differ in a bound: the gateway has none of its own."""
    for operation in SHAPED:
        shapes = [operation.form] + ([operation.row] if operation.paged else [operation.answer])
        for shape in shapes:
            if isinstance(shape, type) and issubclass(shape, msgspec.Struct):
                home = shape.__module__
                assert home.startswith((f"services.{operation.service}.api.", "chassis.types", "gateway.api.table")), (
                    home
                )


@pytest.mark.parametrize("operation", SHAPED, ids=lambda operation: f"{operation.service}.{operation.method}")
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
    assert not [name for name in schema.components(SHAPED) if name.startswith(("services", "gateway", "chassis"))]


def struct_in(annotation: Any) -> type[msgspec.Struct] | None:
    kinds = (annotation, *get_args(annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, msgspec.Struct)), None)


@pytest.mark.parametrize("operation", OLD, ids=lambda operation: f"{operation.service}.{operation.method}")
def test_an_operation_gives_its_method_what_it_takes(operation: Operation) -> None:
    method = method_of(operation)
    assert method is not None, "the service has no such method"
    arguments, given = arguments_of(method), given_by(operation)
    assert set(given) <= set(arguments)
    required = {name for name, parameter in arguments.items() if parameter.default is inspect.Parameter.empty}
    assert required <= {name for name, always in given.items() if always}


@pytest.mark.parametrize(
    "operation",
    [operation for operation in OLD if operation.body],
    ids=lambda operation: f"{operation.service}.{operation.method}",
)
def test_a_body_has_the_fields_of_the_form_that_it_becomes(operation: Operation) -> None:
    method = method_of(operation)
    assert method is not None
    assert operation.body is not None
    annotations = get_type_hints(method, include_extras=True)
    pairs = (
        [(operation.into, operation.body)]
        if operation.into
        else [(name, field.annotation) for name, field in operation.body.model_fields.items()]
    )
    for name, model in pairs:
        struct = struct_in(annotations[name])
        fields = getattr(model, "model_fields", None)
        if struct is None or fields is None or getattr(model, "model_config", {}).get("extra") == "allow":
            continue
        expected = {field.encode_name: field.required for field in msgspec.structs.fields(struct)}
        assert set(fields) <= set(expected)
        assert {name for name, required in expected.items() if required} <= {
            name for name, field in fields.items() if field.is_required()
        }


#: By the service, whose type takes what was stored before.
CHECKED_AS_A_WHOLE = {"change_settings"}
#: Codes, secrets and files: checked for what they are.
NO_PROSE = {"kind", "hazard", "caller", "tier", "outcome", "issuer", "subject", "service", "login", "password", "old",
            "new", "file"}  # fmt: skip


def texts_of(operation: Operation) -> Iterator[tuple[str, Any, Any]]:
    """The fields that a body must have and that take any words: the name, and what both layers take."""
    assert operation.body is not None
    given = get_type_hints(method_of(operation), include_extras=True)
    if operation.into:
        struct = struct_in(given[operation.into])
        given = get_type_hints(struct, include_extras=True) if struct else {}
    for name, field in operation.body.model_fields.items():
        adapter = TypeAdapter(Annotated[field.annotation, field])
        if field.is_required() and name not in NO_PROSE and name in given and takes(adapter.validate_python, "一段话"):
            yield name, adapter.validate_python, functools.partial(msgspec.convert, type=given[name])


def takes(layer: Any, text: str) -> bool:
    try:
        layer(text)
    except (ValidationError, msgspec.ValidationError):
        return False
    return True


@pytest.mark.parametrize(
    "operation",
    [each for each in OLD if each.body and each.method not in CHECKED_AS_A_WHOLE],
    ids=lambda one: one.method,
)
def test_a_text_that_must_be_there_says_something_in_both_layers(operation: Operation) -> None:
    for name, gateway, service in texts_of(operation):
        assert takes(service, "一段话"), name
        assert not [name for blank in ("", " \n", "\u3000") if takes(gateway, blank) or takes(service, blank)], name


def entrypoints() -> Iterator[tuple[str, str]]:
    for service, (module, name) in SERVICES.items():
        for method, function in inspect.getmembers(getattr(import_module(module), name), inspect.isfunction):
            if any(type(entry).__name__ == "Entry" for entry in getattr(function, "nameko_entrypoints", ())):
                yield service, method


def test_every_command_and_query_can_be_reached() -> None:
    routed = {(operation.service, operation.method) for operation in EVERY}
    missing = {each for each in entrypoints() if each not in routed and each[1] not in NOT_ROUTED[each[0]]}
    assert missing == set()


def test_the_department_that_a_proceeding_is_about_speaks_for_itself_and_the_api_says_so() -> None:
    told = {operation.method: operation.needs for operation in EVERY}
    assert told["hear_department"] == told["appeal_proceeding"] == "the department that it is about"
    assert told["conclude_proceeding"] == told["rule_on_appeal"] == "centre"


@pytest.mark.parametrize("power", [Power.VERIFY, Power.SELF_RESOLVE, Power.REGISTER, Power.ESCALATE, Power.TAKE_ON,
                                   Power.VOID, Power.INSPECT, Power.SUPERVISE])  # fmt: skip
def test_the_api_names_the_roles_that_may_take_a_step(power: Power) -> None:
    [needs] = [operation.needs for operation in EVERY if operation.method == power]
    named = {role.replace(" ", "_") for role in needs.partition(";")[0].split(", ")}
    # A grid's leader may what its workers may.
    assert named == HOLDERS[power] - {"grid_leader"}


def test_the_centre_declares_and_ends_an_emergency_and_the_api_says_so() -> None:
    told = {operation.method: operation.needs for operation in EVERY if operation.path.startswith("/v1/emergencies")}
    assert told["declare_emergency"] == told["end_emergency"] == "centre, for its area"


def test_the_api_says_who_administers_a_user_and_who_lists_them_all() -> None:
    told = {operation.method: operation.needs for operation in EVERY}
    for method in ("get_user", "disable_user", "enable_user", "reset_password", "link_identity"):
        assert told[method].endswith("else for the whole tenant")
    assert told["list_users"] == "tenant admin, for the whole tenant"
