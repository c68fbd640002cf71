"""The OpenAPI document: FastAPI's description of the routes, with our schemas, headers, examples and introduction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from starlette.routing import BaseRoute

from chassis.process.version import VERSION
from gateway.api import headers, schema
from gateway.api.examples import Examples
from gateway.api.introduction import INTRODUCTION
from gateway.api.operation import Operation


def build(routes: Sequence[BaseRoute], operations: Iterable[Operation], others: Iterable[Any]) -> dict[str, Any]:
    """Returns the document. `others`: types of routes that are not operations."""
    document = get_openapi(
        title="Linli 邻里",
        version=VERSION,
        summary="Open platform for neighbourhood-level city governance",
        description=INTRODUCTION,
        routes=routes,
        openapi_version="3.1.0",
    )
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(schema.components([*operations], others))
    components["headers"] = headers.COMPONENTS
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    _exemplify(document)
    return document


def _exemplify(document: dict[str, Any]) -> None:
    """Adds an example to the schema of every JSON body and of every answer that is a success."""
    schemas = document["components"]["schemas"]
    examples = Examples(schemas)
    for operation in (each for verbs in document["paths"].values() for each in verbs.values()):
        if body := _json(operation.get("requestBody", {})):
            name = body["$ref"].rpartition("/")[2]
            schemas[name]["examples"] = [examples.of_request(name)]
        for response in (each for status, each in operation["responses"].items() if status.startswith("2")):
            if answer := _json(response):
                home = schemas[answer["$ref"].rpartition("/")[2]] if "$ref" in answer else answer
                home["examples"] = [examples.of_answer(answer)]


def _json(described: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = described.get("content", {}).get("application/json", {}).get("schema", {})
    return schema
