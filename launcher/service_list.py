"""The registry of services, as `services.toml` has it: whatever differs between them is said there and only there."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from launcher.problems import Stopped

FILE = Path(__file__).resolve().parents[1] / "services.toml"
# It becomes a module, a host, a database and a part of environment variables; a resync knows letters alone.
_NAME = re.compile(r"[a-z]{1,30}")


class BadServiceList(Stopped):
    """`services.toml` says something that nobody would act on."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{FILE.name}: [{name}] {reason}")


@dataclass(frozen=True)
class Service:
    """One entry. A service that is not on the list has nothing special."""

    name: str
    photos: bool = False
    makes_tenant_logs: bool = False

    @property
    def runs(self) -> str:
        """The class, as `chassis.run` takes it."""
        return f"services.{self.name}.service:{self.name.capitalize()}"


_SPECIAL = {field.name for field in fields(Service)} - {"name"}


def read(text: str) -> tuple[Service, ...]:
    """Raises `BadServiceList`."""
    return tuple(_service(name, entry) for name, entry in tomllib.loads(text).items())


def _service(name: str, entry: object) -> Service:
    if not _NAME.fullmatch(name):
        raise BadServiceList(name, f"is no name of a service: it must match {_NAME.pattern}")
    if not isinstance(entry, dict):
        raise BadServiceList(name, "must be a table")
    for key, value in entry.items():
        if key not in _SPECIAL or not isinstance(value, bool):
            raise BadServiceList(name, f"says {key} = {value!r}; it may say {', '.join(sorted(_SPECIAL))} = true")
    return Service(name, **entry)


SERVICES = read(FILE.read_text(encoding="utf-8"))
NAMES = tuple(service.name for service in SERVICES)


def named(name: str) -> Service:
    return next((service for service in SERVICES if service.name == name), Service(name))
