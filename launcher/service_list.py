"""Service registry, read from `services.toml`: the only place that states what differs between services."""

from __future__ import annotations

import re
import reprlib
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

from launcher import text_files
from launcher.problems import Stopped
from launcher.reserved_names import holder_of

FILE = Path(__file__).resolve().parents[1] / "services.toml"
_BYTES = 100_000
# A name becomes a module, a host, a database and part of environment variables; a resync accepts only letters.
_NAME = re.compile(r"[a-z]{1,30}")


class BadServiceList(Stopped):
    """`services.toml` cannot be read as a list of services."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"{FILE.name} {reason}")


class BadEntry(BadServiceList):
    """`services.toml` has an entry or a key that is not supported."""

    def __init__(self, name: str, reason: str) -> None:
        shown = name if name.isprintable() else repr(name)
        super().__init__(f"has the entry [{shown}], {reason}")


@dataclass(frozen=True)
class ServiceEntry:
    """An entry of the registry. A service that is not listed has the defaults."""

    name: str
    photos: bool = False
    files: bool = False
    makes_tenant_logs: bool = False

    @property
    def runs(self) -> str:
        """The service class in the notation of `chassis.run`."""
        return f"services.{self.name}.service:{self.name.capitalize()}"


_SPECIAL = {field.name for field in fields(ServiceEntry)} - {"name"}


def load(file: Path) -> tuple[ServiceEntry, ...]:
    """Reads the registry. Raises `BadServiceList`."""
    try:
        return read(text_files.read(file, _BYTES))
    except FileNotFoundError as error:
        raise BadServiceList(f"is missing in {file.parent}; restore it: git checkout {FILE.name}") from error
    except OSError as error:
        raise BadServiceList(f"cannot be read ({error.strerror}); make it a file that you may read") from error
    except UnicodeDecodeError as error:
        raise BadServiceList(f"is not UTF-8 at byte {error.start + 1}; save it as UTF-8") from error


def read(text: str) -> tuple[ServiceEntry, ...]:
    """Parses the registry. Raises `BadServiceList`."""
    try:
        entries = tomllib.loads(text)
    except ValueError as error:  # also a number of thousands of digits
        raise BadServiceList(f"is not valid TOML: {error}; correct it there") from error
    except RecursionError as error:
        raise BadServiceList("has lists or tables nested too deeply; remove them") from error
    if not entries:
        raise BadServiceList("names no service; restore its entries")
    services = tuple(_service(name, entry) for name, entry in entries.items())
    _require_one_owner_of_photos(services)
    return services


def _require_one_owner_of_photos(services: tuple[ServiceEntry, ...]) -> None:
    for other in [service.name for service in services if service.photos][1:]:
        raise BadEntry(other, "which sets photos = true, but the gateway serves those of one other service; remove it")


def _service(name: str, entry: object) -> ServiceEntry:
    if not _NAME.fullmatch(name):
        raise BadEntry(name, "which is not a valid name; a name has 1 to 30 letters a to z")
    if holder := holder_of(name):
        raise BadEntry(name, f"but that name is taken: it is {holder}; choose another")
    if not isinstance(entry, dict):
        raise BadEntry(name, f"which is {_shown(entry)} instead of a table; write [{name}] on a line of its own")
    for key, value in entry.items():
        if key not in _SPECIAL or not isinstance(value, bool):
            allowed = ", ".join(f"{key} = true" for key in sorted(_SPECIAL))
            setting = f"{key if key.isprintable() else repr(key)} = {_shown(value)}"
            raise BadEntry(name, f"which sets {setting}; remove it, or set one of: {allowed}")
    return ServiceEntry(name, **entry)


def _shown(value: object) -> str:
    """Returns the beginning of a value that may be of any size and depth."""
    try:
        return reprlib.repr(value)
    except ValueError:  # Python does not write out a number of thousands of digits
        return "a very long number"


SERVICES = load(FILE)
NAMES = tuple(service.name for service in SERVICES)


def named(name: str) -> ServiceEntry:
    return next((service for service in SERVICES if service.name == name), ServiceEntry(name))
