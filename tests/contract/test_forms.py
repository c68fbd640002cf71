"""Every field that the API takes is read: of a form by the method that takes it, of the settings by some service."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, get_args

import msgspec
import pytest

from chassis.types import Form, Page
from gateway.api.operation import Operation
from launcher.servers.processes import ROOT
from launcher.service_list import NAMES
from services.org.api.settings import NOT_YET, Settings
from tests.contract.test_gateway_operations import EVERY, forms_of, method_of

#: Makes plain data of a form, with every field.
CONVERSIONS = {"asdict", "to_builtins"}
TAKING = [each for each in EVERY if each.form and each.form.__module__.startswith("services")]
#: Settings that a tenant can make already, and that wait for the service which will read them.
READ_BY_NOBODY_YET = {
    "languages": "notify, which will write to people",
    "retention.case_person_years": "the deletion of persons from old cases",
    "retention.volunteer_hours_years": "volunteers, which will count the hours",
}
#: What services share, and what reads settings there.
COUNTED_BY = ROOT / "vocabulary" / "working_time.py"


# -- forms ---------------------------------------------------------------------------------------------


@cache
def source_of(service: str) -> list[ast.Module]:
    """The source of a service without its shapes."""
    folder = ROOT / "services" / service
    files = [file for file in folder.rglob("*.py") if "api" not in file.relative_to(folder).parts]
    return [ast.parse(file.read_text(encoding="utf-8")) for file in files]


@cache
def functions_of(service: str) -> Mapping[str, list[ast.FunctionDef]]:
    """The functions and methods of a service, by name."""
    found: dict[str, list[ast.FunctionDef]] = defaultdict(list)
    for module in source_of(service):
        for node in ast.walk(module):
            if isinstance(node, ast.FunctionDef):
                found[node.name].append(node)
    return found


class Reading:
    """Which fields of a form a function reads, or what it passes the form on to, as a whole, within its service."""

    def __init__(self, service: str, form: type[Form]) -> None:
        self._functions = functions_of(service)
        self._form = form
        #: A function may take only the part that it needs.
        self._names = {kind.__name__ for kind in form.__mro__ if issubclass(kind, Form)}

    def by(self, function: ast.FunctionDef, name: str) -> set[str]:
        """The fields that are read of the argument `name`."""
        found: set[str] = set()
        for node in ast.walk(function):
            match node:
                case ast.Attribute(value=ast.Name(id=owner), attr=field, ctx=ast.Load()) if owner == name:
                    found |= {field} | self._by_method(field)
                case ast.Call(func=ast.Name(id="getattr"), args=[ast.Name(id=owner), *_]) if owner == name:
                    found |= {each.value for each in ast.walk(function) if isinstance(each, ast.Constant)}
                case ast.Call():
                    for place in places_of(node, name):
                        found |= self._by_callee(node, place, function)
        return found

    def _by_method(self, name: str) -> set[str]:
        """The fields that a method of the form itself reads."""
        method = inspect.getattr_static(self._form, name, None)
        if not inspect.isfunction(method):
            return set()
        return {node.attr for node in ast.walk(parsed(method)) if isinstance(node, ast.Attribute)}

    def _by_callee(self, call: ast.Call, place: int | str, function: ast.FunctionDef) -> set[str]:
        """What those functions read that take the form, by its type, at this place of the call."""
        callee = ast.unparse(call.func).rpartition(".")[2]
        if callee in CONVERSIONS:
            return set(self._form.__struct_fields__)
        # A callee that is no function of the service is a variable: it stands for one that is named beside it.
        named = [callee] if callee in self._functions else [*names_in(function)]
        found: set[str] = set()
        for each in (function for name in named for function in self._functions.get(name, ())):
            taken = [arg for arg in each.args.args if arg.arg not in ("self", "cls")] + each.args.kwonlyargs
            for index, argument in enumerate(taken):
                if place in (index, argument.arg) and type_of(argument) in self._names:
                    found |= self.by(each, argument.arg)
        return found


def places_of(call: ast.Call, name: str) -> Iterator[int | str]:
    """Yields the position or the keyword at which the call is given the variable."""
    for place, argument in [*enumerate(call.args), *((each.arg or "", each.value) for each in call.keywords)]:
        if isinstance(argument, ast.Name) and argument.id == name:
            yield place


def names_in(function: ast.FunctionDef) -> set[str]:
    return {node.attr for node in ast.walk(function) if isinstance(node, ast.Attribute)}


def type_of(argument: ast.arg) -> str:
    return ast.unparse(argument.annotation).rpartition(".")[2] if argument.annotation else ""


def parsed(method: Any) -> ast.FunctionDef:
    [function] = ast.parse(textwrap.dedent(inspect.getsource(method))).body
    assert isinstance(function, ast.FunctionDef)
    return function


@pytest.mark.parametrize("operation", TAKING, ids=lambda operation: f"{operation.service}.{operation.method}")
def test_a_field_that_the_api_takes_is_read_by_the_method_that_takes_it(operation: Operation) -> None:
    method = method_of(operation)
    [(name, form)] = forms_of(method).items()
    read = Reading(operation.service, form).by(parsed(method), name)
    assert set(form.__struct_fields__) - set(Page.__struct_fields__) - read == set()


# -- settings ------------------------------------------------------------------------------------------


def settings(shape: type[msgspec.Struct] = Settings, path: str = "") -> Iterator[tuple[str, msgspec.structs.FieldInfo]]:
    """Yields each setting that contains no others, such as `calendar.zone` and `categories.code`."""
    for field in msgspec.structs.fields(shape):
        if parts := list(structs_in(field.type)):
            for part in parts:
                yield from settings(part, f"{path}{field.name}.")
        else:
            yield path + field.name, field


def structs_in(kind: Any) -> Iterator[type[msgspec.Struct]]:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
    for part in get_args(kind):
        yield from structs_in(part)


@cache
def names_read() -> set[str]:
    """Attributes and keys that services read, and fields of what they keep of the events of others."""
    modules = [module for service in NAMES for module in source_of(service)] + [ast.parse(COUNTED_BY.read_text())]
    return {name for module in modules for node in ast.walk(module) for name in name_read(node)}


def name_read(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(attr=name, ctx=ast.Load()) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case ast.Constant(value=str(name)):
            yield name


def test_every_setting_is_read_by_some_service_but_those_that_wait_for_theirs() -> None:
    """By name: what is called like something else may be read by nobody all the same."""
    unread = {path for path, _ in settings() if not set(path.split(".")) <= names_read()}
    assert unread == set(READ_BY_NOBODY_YET)


@pytest.mark.parametrize("path", READ_BY_NOBODY_YET)
def test_the_api_says_that_nothing_acts_on_such_a_setting_yet(path: str) -> None:
    field = dict(settings())[path]
    shape = msgspec.json.schema(field.type)
    assert NOT_YET in shape["description"]
