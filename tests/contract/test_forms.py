"""Every field of a form is read by the service that declares it."""

from __future__ import annotations

import ast
from functools import cache

import msgspec
import pytest

from chassis.types import Form, Page
from launcher.servers.processes import ROOT
from tests.contract.test_gateway_operations import EVERY

#: Stored and published as a whole; the other services read it.
AS_A_WHOLE = {"Settings"}
FORMS = {
    operation.form: operation.service
    for operation in EVERY
    if operation.form and operation.form.__module__.startswith("services") and operation.form.__name__ not in AS_A_WHOLE
}


@cache
def names_read_by(service: str) -> set[str]:
    """Attributes that the service's code reads, outside of its shapes."""
    folder = ROOT / "services" / service
    files = [file for file in folder.rglob("*.py") if "api" not in file.relative_to(folder).parts]
    nodes = [node for file in files for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))]
    return {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_a_field_that_the_api_takes_is_read_by_its_service(form: type[Form]) -> None:
    fields = {field.name for field in msgspec.structs.fields(form)} - set(Page.__struct_fields__)
    assert fields - names_read_by(FORMS[form]) == set()
