"""The OpenAPI document of the gateway, made without a broker."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx

from gateway.app import create
from gateway.rpc.connection import Broker
from gateway.server import assemble
from gateway.settings import GatewaySettings
from tests.integration.gateway.running import environment

_NOWHERE = "amqp://nobody:nothing@127.0.0.1:9/"


async def _fetched(folder: Path) -> dict[str, Any]:
    settings = GatewaySettings.read(environment(folder, _NOWHERE))
    async with httpx.AsyncClient() as outside:
        application = create(assemble(settings, Broker(_NOWHERE), outside))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://linli.test") as http:
            fetched: dict[str, Any] = (await http.get("/v1/openapi.json")).json()
    return fetched


@cache
def document() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_fetched(Path(folder)))


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yields each operation with its verb and path, like `GET /v1/cases`."""
    for path, verbs in document()["paths"].items():
        for verb, operation in verbs.items():
            yield f"{verb.upper()} {path}", operation


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = schema
    while "$ref" in found:
        found = document()["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    return found


def json_of(described: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema of a JSON body or answer; {} if it is none."""
    schema: dict[str, Any] = described.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def successes(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from (answer for status, answer in operation["responses"].items() if status.startswith("2"))
