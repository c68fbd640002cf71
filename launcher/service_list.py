"""Service registry, read from `services.toml`: the only place that states what differs between services."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from launcher.problems import Stopped

FILE = Path(__file__).resolve().parents[1] / "services.toml"
# A name becomes a module, a host, a database and part of environment variables; a resync accepts only letters.
_NAME = re.compile(r"[a-z]{1,30}")


class BadServiceList(Stopped):
    """`services.toml` has an entry or a key that is not supported."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{FILE.name}: [{name}] {reason}")


@dataclass(frozen=True)
class Service:
    """An entry of the registry. A service that is not listed has the defaults."""

    name: str
    photos: bool = False
    makes_tenant_logs: bool = False

    @property
    def runs(self) -> str:
        """The service class in the notation of `chassis.run`."""
        return f"services.{self.name}.service:{self.name.capitalize()}"


_SPECIAL = {field.name for field in fields(Service)} - {"name"}


def read(text: str) -> tuple[Service, ...]:
    """Parses the registry. Raises `BadServiceList`."""
    return tuple(_service(name, entry) for name, entry in tomllib.loads(text).items())


def _service(name: str, entry: object) -> Service:
    if not _NAME.fullmatch(name):
        raise BadServiceList(name, f"is not a valid service name; it must match {_NAME.pattern}")
    if not isinstance(entry, dict):
        raise BadServiceList(name, "must be a table")
    for key, value in entry.items():
        if key not in _SPECIAL or not isinstance(value, bool):
            raise BadServiceList(name, f"has {key} = {value!r}; allowed: {', '.join(sorted(_SPECIAL))} = true")
    return Service(name, **entry)


SERVICES = read(FILE.read_text(encoding="utf-8"))
NAMES = tuple(service.name for service in SERVICES)


def named(name: str) -> Service:
    return next((service for service in SERVICES if service.name == name), Service(name))
