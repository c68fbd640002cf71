"""Values at the edge in every field and query of every operation: refused by name or taken, never a fault of ours."""

from __future__ import annotations

import copy
import itertools
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import timedelta
from typing import Any

import pytest

from gateway.app import OPERATIONS
from tests.integration.security.bodies import Bodies
from tests.servers.city import COMMUNITY, DRAIN, City
from vocabulary.rights import HOLDERS
from vocabulary.roles import Role

ROLES = {
    "centre": Role.CENTRE,
    "admin": Role.TENANT_ADMIN,
    "resident": Role.RESIDENT,
    "street": Role.STREET,
    "community": Role.COMMUNITY,
    "counter": Role.COUNTER,
    "hotline": Role.HOTLINE,
    "water": Role.DEPARTMENT,
}
_PERMISSIONS = {f"{each.service}.{each.method}": each.permissions for table in OPERATIONS.values() for each in table}
#: Each of them tries whatever it may call; of what none of them may call, the first of the others that may.
ALWAYS = ("centre", "admin", "resident")
EDGES: dict[str, tuple[Any, ...]] = {
    "date-time": ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00", "1900-01-01T00:00:00+14:00",
                  "2199-12-31T23:59:59-12:00"),
    "date": ("0001-01-01", "9999-12-31", "1900-01-01", "2199-12-31"),
    "integer": (2**63, 2**64, -(2**63) - 1, 10**400),
    "number": (1e308, 2**64),
    "string": ("a\x00b", "\u202eb", "\u200b", "9" * 5000),
}  # fmt: skip
#: As a query writes them, besides.
WRITTEN = ("0", "-1", "253402300800", "nan", "9" * 5000, "1e400")


class Edges:
    """The requests of one operation that differ from its smallest one in one value."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._schemas = document["components"]["schemas"]
        self._bodies = Bodies(document)

    def of(self, operation: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Any]]:
        query, body = self._bodies.query(operation), self._bodies.of(operation)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query":
                for kind in self._kinds(parameter["schema"]):
                    for edge in (*EDGES[kind], *WRITTEN):
                        yield query | {parameter["name"]: str(edge)}, body
        if body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            for path, kind in self._fields(schema, ()):
                for edge in EDGES[kind]:
                    yield query, self._with(body, path, edge)

    def _kinds(self, schema: dict[str, Any]) -> Iterator[str]:
        yield from {kind for _, kind in self._fields(schema, ())}

    def _fields(self, schema: dict[str, Any], path: tuple[str | int, ...]) -> Iterator[tuple[Any, str]]:
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        for part in schema.get("anyOf", ()):
            yield from self._fields(part, path)
        match schema.get("type"):
            case "object":
                for name, part in schema.get("properties", {}).items():
                    yield from self._fields(part, (*path, name))
            case "array" if "items" in schema:
                yield from self._fields(schema["items"], (*path, 0))
            case "string" | "integer" | "number" as kind:
                yield path, schema.get("format") if schema.get("format") in EDGES else kind

    def _with(self, body: Any, path: tuple[str | int, ...], edge: Any) -> Any:
        """Returns the body with this value; what is missing on the way to it is made."""
        changed = at = copy.deepcopy(body)
        for step, following in itertools.pairwise(path):
            if isinstance(at, list):
                at = at[0] if at and isinstance(at[0], dict | list) else at
                continue
            if not isinstance(at.get(step), dict | list) or not at[step]:
                at[step] = [{}] if following == 0 else {}
            at = at[step]
        if isinstance(at, list):
            at[:] = [edge]
        else:
            at[path[-1]] = edge
        return changed


def walked_by(operation: dict[str, Any]) -> Collection[str]:
    """Returns who tries this operation. The others are refused, whatever the values, which the test of rights shows."""
    needed = _PERMISSIONS.get(operation["operationId"], ())
    able = [login for login, role in ROLES.items() if not needed or any(role in HOLDERS[each] for each in needed)]
    return {*ALWAYS} & {*able} or able[:1] or ALWAYS[:1]


@pytest.mark.parametrize("login", ROLES)
def test_no_value_at_the_edge_is_a_fault_of_ours(city: City, login: str) -> None:
    document = city.http(login).get("/v1/openapi.json").json()
    edges, told, faults = Edges(document), Counter[int](), []
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            if path in ("/v1/events", "/v1/sessions") or "multipart" in str(operation.get("requestBody", "")):
                continue
            if login not in walked_by(operation):
                continue
            address = path.replace("{day}", "2026-03-01").replace("{week}", "2026-03-02").replace("{item}", "1")
            for query, body in edges.of(operation):
                key = {"Idempotency-Key": f"edge-{login}-{told.total()}"}
                answer = city.http(login).request(verb.upper(), address, params=query, json=body, headers=key)
                told[answer.status_code] += 1
                if answer.status_code >= 500 and answer.json()["code"] != "not_known_yet":
                    faults.append((verb, path, query, body, answer.text[:300]))
    assert told[422] > 500 or login not in ALWAYS
    assert not told[429]
    assert not faults, faults[:5]


def test_a_case_with_a_moment_at_the_edge_is_counted_and_reported(city: City) -> None:
    """The event of an import that nobody could count was handled again and again, for ever."""
    row = {"category": DRAIN, "path": COMMUNITY, "state": "CLOSED", "reported_at": "1970-01-01T00:00:00Z"}
    rows = [
        row | {"line": 2, "number": "edge-1", "reported_at": "1900-01-01T00:00:00+14:00"},
        row | {"line": 3, "number": "edge-2", "closed_at": "1970-01-01T00:00:00Z"},
    ]
    answer = city.post("centre", "/v1/imports/cases", {"source": "edge", "rows": rows})
    assert answer.json()["made"] == 2, answer.text
    city.site.advance(timedelta(minutes=1))
    since = {"since": "1899-12-31", "until": "1900-12-01"}
    assert city.http("centre").get("/v1/indicators", params=since).status_code == 422
    since["since"] = "1900-01-01"
    assert city.http("centre").get("/v1/indicators", params=since).status_code == 200
