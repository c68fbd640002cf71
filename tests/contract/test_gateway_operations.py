"""The gateway's table of operations against the commands and queries of the services."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

import gateway
from chassis.types import Form, Page
from gateway.api import schema
from gateway.api.operation import Operation
from gateway.api.table import holders
from gateway.app import OPERATIONS
from launcher import service_list
from services.org.api.users import Standing
from tests.contract.test_roles import shown
from vocabulary.roles import Permission, Role

SERVICES = {service.name: service.runs.split(":") for service in service_list.SERVICES}
EVERY = [operation for table in OPERATIONS.values() for operation in table]
#: Asked by the gateway itself.
NOT_ROUTED = {
    "org": {"principal_of", "sign_in", "register"},
    "cases": {"ask_photo", "note_photo_stored", "view_photo"},
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
        "KnownUser", "PhotoTicket", "Standing",
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


def test_the_department_that_a_proceeding_is_about_speaks_for_itself_and_the_api_says_so() -> None:
    told = {operation.method: operation.needs for operation in EVERY}
    assert told["hear_department"] == told["appeal_proceeding"] == "the department under review"
    assert told["conclude_proceeding"] == told["rule_on_appeal"] == "centre"


#: Functions that ask whether the caller holds a permission.
ASKING = {"self._authorize", "require_permission", "may", "_require_permitted"}
BESIDE_THE_CASE = ("analytics", "counter", "deliberation", "hotline", "mediation", "reviews")


def permissions_checked() -> Iterator[tuple[Operation, set[Permission]]]:
    """Yields each command on a case with the permissions of which its use case asks one."""
    asked: dict[str, set[Permission]] = {}
    for function in functions_in("services/cases/case/model"):
        if permissions := permissions_asked(function):
            asked.setdefault(function.name, set()).update(permissions)
    # What other methods of the case ask through.
    for function in functions_in("services/cases/case/model"):
        for name in attributes_in(function) & {each for each in asked if each.startswith("_")}:
            asked.setdefault(function.name, set()).update(asked[name])
    commands = {function.name: function for function in functions_in("services/cases/case/commands")}
    for operation in OPERATIONS["cases"]:
        if operation.method in commands and not operation.public:
            called = attributes_in(commands[operation.method]) & asked.keys()
            if permissions := permissions_asked(commands[operation.method]).union(*(asked[name] for name in called)):
                yield operation, permissions


def permissions_checked_beside_the_case() -> Iterator[tuple[Operation, set[Permission]]]:
    """Yields each command and query of the other folders with the permissions of which its use case asks one."""
    for folder in BESIDE_THE_CASE:
        functions = list(functions_in(f"services/cases/{folder}"))
        asked = permissions_asked_through_others(functions)
        entries = {function.name for function in functions if is_entrypoint(function)}
        for operation in OPERATIONS["cases"]:
            if operation.method in entries & asked.keys():
                yield operation, asked[operation.method]


def permissions_asked_through_others(functions: list[ast.FunctionDef]) -> dict[str, set[Permission]]:
    """Returns the permissions that each function asks, itself or through a function that it names."""
    asked = {function.name: set[Permission]() for function in functions}
    for _ in functions:
        for function in functions:
            through = (asked[name] for name in names_in(function) & asked.keys())
            asked[function.name] |= permissions_asked(function).union(*through)
    return {name: permissions for name, permissions in asked.items() if permissions}


def permissions_asked(function: ast.FunctionDef) -> set[Permission]:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call) and ast.unparse(node.func) in ASKING]
    return {permission for call in calls for permission in permissions_in(call)}


def is_entrypoint(function: ast.FunctionDef) -> bool:
    return bool({"command", "query"} & {ast.unparse(each) for each in function.decorator_list})


def functions_in(folder: str) -> Iterator[ast.FunctionDef]:
    for file in sorted((Path(gateway.__path__[0]).parent / folder).rglob("*.py")):
        yield from (node for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.FunctionDef))


def attributes_in(function: ast.FunctionDef) -> set[str]:
    return {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}


def names_in(function: ast.FunctionDef) -> set[str]:
    return attributes_in(function) | {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def permissions_in(call: ast.Call) -> Iterator[Permission]:
    for node in ast.walk(call):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Permission":
            yield Permission[node.attr]


CHECKED = [*permissions_checked(), *permissions_checked_beside_the_case()]


@pytest.mark.parametrize(("operation", "permissions"), CHECKED, ids=[operation.method for operation, _ in CHECKED])
def test_the_api_names_the_roles_that_may_take_a_step_by_the_table(
    operation: Operation, permissions: set[Permission]
) -> None:
    """Either the roles that hold a permission that the step asks, or a relation to the case such as its lead."""
    told = [
        holders(*some)
        for size in range(1, len(permissions) + 1)
        for some in itertools.combinations(sorted(permissions), size)
    ]
    first = operation.needs.partition(";")[0]
    names = {role for role in Role if re.search(rf"\b{role.en}\b", first)}
    assert first in told or not names


@pytest.mark.parametrize(
    "permission",
    [
        Permission.VERIFY,
        Permission.SELF_RESOLVE,
        Permission.REGISTER,
        Permission.ESCALATE,
        Permission.TAKE_ON,
        Permission.VOID,
        Permission.INSPECT,
        Permission.SUPERVISE,
        Permission.DISPATCH,
        Permission.GRANT,
    ],
)
def test_a_permission_of_the_table_has_its_holders_named_in_the_api(permission: Permission) -> None:
    [(operation, permissions)] = [(each, permissions) for each, permissions in CHECKED if each.method == permission]
    assert permissions == {permission}
    assert operation.needs.partition(";")[0] == holders(permission)


@pytest.mark.parametrize("permission", sorted(set(Permission) - shown() - {Permission.ADMINISTER}))
def test_a_permission_beside_the_steps_of_a_case_is_asked_and_has_its_holders_named_in_the_api(
    permission: Permission,
) -> None:
    assert holders(permission) in {
        each.needs.partition(";")[0] for each, permissions in CHECKED if permission in permissions
    }


def test_the_centre_declares_and_ends_an_emergency_and_the_api_says_so() -> None:
    told = {operation.method: operation.needs for operation in EVERY if operation.path.startswith("/v1/emergencies")}
    assert told["declare_emergency"] == told["end_emergency"] == "centre, for its area"


def test_the_api_says_who_administers_a_user_and_who_lists_them_all() -> None:
    told = {operation.method: operation.needs for operation in EVERY}
    for method in ("get_user", "disable_user", "enable_user", "reset_password", "link_identity"):
        assert told[method].endswith("else for the whole tenant")
    assert told["list_users"] == "tenant admin, for the whole tenant"
