"""Operations endpoints `/metrics`, `/livez` and `/readyz`, on a separate server that busy workers cannot block."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import eventlet.wsgi
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.process.runtime import Health

Start = Callable[[str, list[tuple[str, str]]], Any]


def serve(host: str, port: int, health: Health, version: str) -> Any:
    """Starts the server and returns its greenlet."""
    application = _application(health, version)
    return eventlet.spawn(eventlet.wsgi.server, eventlet.listen((host, port)), application, log_output=False)


def _application(health: Health, version: str) -> Callable[[dict[str, Any], Start], Iterable[bytes]]:
    def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        status, kind, body = _answer(environ["PATH_INFO"], health, version)
        start(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return application


def _answer(path: str, health: Health, version: str) -> tuple[str, str, bytes]:
    if path == "/metrics":
        return "200 OK", CONTENT_TYPE_LATEST, generate_latest()
    if path == "/livez":
        return "200 OK", "application/json", json.dumps({"version": version}).encode()
    if path == "/readyz":
        status = "200 OK" if health.ready else "503 Service Unavailable"
        return status, "application/json", json.dumps({"version": version, "checks": health.report()}).encode()
    return "404 Not Found", "text/plain", b"/metrics /livez /readyz\n"
