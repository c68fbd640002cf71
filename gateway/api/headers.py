"""OpenAPI entries of headers: parameters of a request, and the headers of answers, each declared once."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from chassis.types import exactly
from gateway.request_context import KEY_CHARACTER, LONGEST_KEY

IDEMPOTENCY_KEY = "Idempotency-Key"
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_KEY, pattern=exactly(f"{KEY_CHARACTER}+"))]
_KEY_SCHEMA = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": f"^{KEY_CHARACTER}+$"}
_REF = "#/components/headers/{name}"
_TEXT = {"type": "string"}

#: Headers of answers, for `components/headers`.
COMPONENTS: dict[str, dict[str, Any]] = {
    "ETag": {"description": "The version of the record, for `If-Match`.", "schema": _TEXT, "example": '"7"'},
    "Location": {"description": "Path of the new resource.", "schema": _TEXT},
    "X-Correlation-ID": {"description": "Names this request in the logs; quote it to the operator.", "schema": _TEXT},
    "RateLimit": {"description": "What is left for the city in this window.", "schema": _TEXT},
    "RateLimit-Policy": {"description": "The limit of the city and its window in seconds.", "schema": _TEXT},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "How to sign in.", "schema": _TEXT},
    "Content-Language": {"description": "`zh-CN` or `en`, as `Accept-Language` asks.", "schema": _TEXT},
}
_RATE = ("RateLimit", "RateLimit-Policy")
#: What all problems carry, and what some carry besides.
_PROBLEM = ("X-Correlation-ID", "Content-Language")
_OF_STATUS = {401: ("WWW-Authenticate",), 429: ("Retry-After",), 503: ("Retry-After",), 504: ("Retry-After",)}


def of_success(*, versioned: bool = False, located: bool = False) -> dict[str, Any]:
    return _refs("X-Correlation-ID", *_RATE, *["ETag"] * versioned, *["Location"] * located)


def of_problem(status: int) -> dict[str, Any]:
    return _refs(*_PROBLEM, *_OF_STATUS.get(status, ()))


def _refs(*names: str) -> dict[str, Any]:
    return {name: {"$ref": _REF.format(name=name)} for name in names}


def parameter(name: str, description: str, required: bool = False, schema: Any = _TEXT) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "description": description, "schema": schema}


def key(required: bool) -> dict[str, Any]:
    description = "A repeated request with the same key has no further effect for 24 hours."
    return parameter(IDEMPOTENCY_KEY, description, required, _KEY_SCHEMA)


def if_match(required: bool) -> dict[str, Any]:
    return parameter(
        "If-Match", "The ETag that you last saw; if the record has changed since, nothing happens.", required
    )


def of_visitors(tenant_schema: Any) -> list[dict[str, Any]]:
    """Headers of requests that work without a sign-in."""
    return [
        parameter("Linli-Tenant", "The city; for requests without a sign-in.", schema=tenant_schema),
        parameter("Linli-Visit", "A random secret shared by all requests of one visitor without a sign-in."),
    ]
