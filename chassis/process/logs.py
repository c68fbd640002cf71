"""Structured logging: one JSON object per line, with the tenant and correlation id of the current work."""

from __future__ import annotations

import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

import msgspec

from chassis.context import current


class JsonLines(logging.Formatter):
    """Log formatter: one JSON object per line."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        context = current.get()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": _message(record),
        }
        if context is not None:
            line |= {"tenant": context.tenant, "correlation_id": context.correlation_id}
        if record.exc_info:
            line |= _exception(record.exc_info)
        return msgspec.json.encode(line).decode()


def _message(record: logging.LogRecord) -> str:
    """Formats the message, with only the class names of exceptions: nameko, for one, logs what a worker raised."""
    if not isinstance(record.args, tuple):
        return record.getMessage()
    args = tuple(type(each).__name__ if isinstance(each, BaseException) else each for each in record.args)
    return str(record.msg) % args if args else str(record.msg)


def _exception(info: Any) -> dict[str, str]:
    """Returns class and traceback, never the message, which may quote personal data."""
    kind, _, trace = info
    return {"exception": kind.__name__, "traceback": "".join(traceback.format_tb(trace))}


def configure(service: str, level: str = "INFO") -> None:
    """Sends all log records of the process to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines(service))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for library in ("nameko", "amqp", "pymongo"):
        logging.getLogger(library).setLevel("WARNING")
