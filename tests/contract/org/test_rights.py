"""Every operation of `org` is refused to each role that the table of rights does not name for it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from mongoengine import Document
from starlette.testclient import TestClient

from chassis.errors import Forbidden, NotFound, Problem
from chassis.security.principal import Principal
from gateway.api.operation import Operation
from gateway.app import OPERATIONS, create
from gateway.request_context import AppState
from services.org.administrators import NotAdministrator
from services.org.divisions.model.division import Division
from services.org.posts.model.assignment import Assignment
from services.org.posts.model.post import Post
from services.org.posts.model.unit import Unit
from services.org.service import Org
from services.org.tenants.model.tenant import Tenant
from services.org.users.model import User
from tests.contract.dry import ask, service_with
from tests.integration.security.bodies import Bodies
from tests.unit.cases.people import START
from vocabulary.rights import HOLDERS
from vocabulary.roles import DUTIES, Permission, Role

pytestmark = pytest.mark.domain("Roles")

CITY, STREET = "/1503/", "/1503/150302/150302003/"
#: What everybody has in a relation of their own; here the records are somebody else's.
OWN = (Permission.MANAGE_ASSIGNMENT, Permission.READ_USER)
#: What the least body leaves open.
FILLED: dict[str, dict[str, Any]] = {
    "preview": {"post": "P1"},
    "assign": {"subject": "U1", "post": "P1", "duty": "受理", "area": STREET},
    "revise_grid": {"name": "网格"},
    "import_posts": {"file": "YQ=="},
}
#: These answer row by row, and refuse as a whole once a row can be read (`test_row_import`).
BY_ROW = {"import_divisions", "import_grids", "import_estates", "import_posts"}
OPERATIONS_OF_ORG = [
    each for each in OPERATIONS["org"] if each.permissions != (Permission.LOOK_UP,) and each.method not in BY_ROW
]
OF_ADMINISTRATORS = [each for each in OPERATIONS_OF_ORG if not set(each.permissions) & {*OWN, Permission.USE_FORMS_APP}]
IMPORTS = [each for each in OPERATIONS["org"] if each.method in BY_ROW]
KEYS = {
    "unit": "water-supply",
    "division": "150302003",
    "post": "P1",
    "assignment": "S1",
    "user": "U1",
    "grid": "150302003077001",
}
UNKNOWN = {"division": "150302999", "grid": "150302003077999"}


def document() -> dict[str, Any]:
    settings = SimpleNamespace(
        cors_origins=[], trusted_proxies=[], request_bytes=1, photo_bytes=1, public_url="https://linli.example"
    )
    sessions, callers = SimpleNamespace(own=None), SimpleNamespace(tenant_of=None)
    state = SimpleNamespace(settings=settings, sessions=sessions, callers=callers)
    read: dict[str, Any] = TestClient(create(cast(AppState, state))).get("/v1/openapi.json").json()
    return read


DOCUMENT = document()
BODIES = Bodies(DOCUMENT)


def records() -> list[Document]:
    tenant: dict[str, Any] = {"tenant": "wuhai"}
    return [
        Tenant(id="wuhai:wuhai", root="1503", settings={"name": "乌海"}, **tenant),
        Division(id="wuhai:1503", name="乌海", tier="city", path=CITY, **tenant),
        Division(id="wuhai:150302003", name="x", tier="street", path=STREET, parent="150302", **tenant),
        Unit(id="wuhai:water-supply", name="水务", kind="department", path=CITY, **tenant),
        Post(id="wuhai:P1", kind="street_officer", title="x", unit="150302003", area=STREET, **tenant),
        Assignment(id="wuhai:S1", subject="U1", post="P1", area=STREET, unit="150302003", valid_from=START, **tenant),
        User(id="wuhai:U1", kind="staff", **tenant),
    ]


def refusal(
    operation: Operation, by: Principal, keys: dict[str, str] = KEYS, if_match: int | None = None
) -> Problem | None:
    described = DOCUMENT["paths"][operation.path][operation.verb.lower()]
    args = (BODIES.of(described) or {}) | BODIES.query(described)
    args = {"patch": {}} if operation.patches else args | FILLED.get(operation.method, {})
    args |= {name: keys.get(name, "X1") for name in operation.parameters}
    try:
        ask(service_with(Org, records()), operation.method, by, args, if_match)
    except Problem as problem:
        return problem
    return None


@pytest.mark.parametrize("operation", OPERATIONS_OF_ORG, ids=lambda each: each.method)
def test_a_role_that_the_table_does_not_name_is_refused(operation: Operation) -> None:
    related = [permission for permission in operation.permissions if permission not in OWN]
    named = frozenset().union(*(HOLDERS[permission] for permission in related))
    for role in (*DUTIES, Role.OPERATOR):
        if role in named or (not related and role == Role.TENANT_ADMIN):
            continue
        stranger = Principal(tenant="wuhai", subject="me", roles=frozenset({role}), area=CITY, unit="1503")
        refused = refusal(operation, stranger)
        if operation.method == "list_assignments" and refused is None:
            continue  # an empty list: of one's own, and for administrators of their area's
        assert isinstance(refused, Forbidden | NotFound), f"{role}: {refused!r}"


@pytest.mark.parametrize("operation", [*OF_ADMINISTRATORS, *IMPORTS], ids=lambda each: each.method)
def test_the_right_comes_before_existence_and_version(operation: Operation) -> None:
    """Otherwise whoever may not do it learns what there is, and is told to read it again in vain."""
    [permission, *_] = operation.permissions
    stranger = Principal(tenant="wuhai", subject="me", roles=frozenset({"street"}), area=STREET, unit="150302003")
    assert permission in (Permission.ADMINISTER, Permission.DECLARE_EMERGENCY, Permission.OPERATE)
    for keys in (KEYS, UNKNOWN):
        for if_match in (None, 99):
            refused = refusal(operation, stranger, keys, if_match)
            assert isinstance(refused, Forbidden), f"{keys} {if_match}: {refused!r}"


def test_who_administers_a_part_is_told_that_the_whole_is_not_theirs() -> None:
    officer = Principal(tenant="wuhai", subject="me", roles=frozenset({Role.TENANT_ADMIN}), area=STREET)
    for method in ("change_settings", "set_power", "list_users"):
        [operation] = [each for each in OPERATIONS_OF_ORG if each.method == method]
        assert isinstance(refusal(operation, officer, if_match=99), NotAdministrator)
