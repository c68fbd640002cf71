"""Check of HTTP answers against the OpenAPI document: status, headers and, of a success, every field of its body."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx
import jsonschema
import msgspec

from tests.contract.api_document import document, resolved
from tests.servers.declared import require, strict

#: What an answer may carry only where it is declared.
_HEADERS = ("ETag", "Location", "Retry-After", "WWW-Authenticate")
#: Refused before the operation is known, or with what no document can tell.
_BEFORE = {404, 405, 413, 500}


def require_declared(response: httpx.Response) -> None:
    """An event hook of an httpx client. Raises `AssertionError`; ignores addresses that are no operation."""
    operation = _operation(response.request.method.lower(), response.request.url.path)
    if operation is None or response.status_code in _BEFORE:
        return
    what = f"{response.request.method} {response.request.url.path}"
    answer = operation["responses"].get(str(response.status_code))
    assert answer is not None, f"{what} answered {response.status_code}, which OpenAPI does not declare"
    undeclared = [name for name in _HEADERS if name in response.headers and name not in answer["headers"]]
    assert not undeclared, f"{what} sends {undeclared}, which OpenAPI does not declare"
    if "application/json" in answer["content"]:
        response.read()
        # By its text, since a dictionary is no key of a cache.
        schema = msgspec.json.encode(answer["content"]["application/json"]["schema"]).decode()
        require(response.json(), _validator(schema), what)


@cache
def _templates() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    # Fixed addresses first: `/v1/grids/count` is no grid.
    paths = sorted(document()["paths"].items(), key=lambda each: each[0].count("{"))
    return [(re.compile(re.sub(r"{\w+}", "[^/]+", path)), verbs) for path, verbs in paths]


def _operation(verb: str, path: str) -> dict[str, Any] | None:
    matching = (verbs[verb] for template, verbs in _templates() if template.fullmatch(path) and verb in verbs)
    return next(matching, None)


@cache
def _validator(schema: str) -> jsonschema.Draft202012Validator:
    whole = {**resolved(msgspec.json.decode(schema)), "components": document()["components"]}
    return jsonschema.Draft202012Validator(strict(whole))
