"""A service cannot have a name that a server, a user, a queue, a file or a word of a language has."""

from __future__ import annotations

import pkgutil
import re
import tomllib
from collections.abc import Iterator

import pytest

from gateway import routes
from launcher.reserved_names import holder_of
from launcher.servers.broker import Broker
from launcher.servers.broker_topology import USERS, definitions
from launcher.servers.database import ADMINISTRATOR, Database, roles_of
from launcher.servers.processes import PARTS, ROOT
from launcher.service_list import NAMES, BadEntry, read


def names_of_others() -> Iterator[str]:
    """Every name that would collide with the one of a service, wherever the services' own names stand."""
    document = definitions(dict.fromkeys((*PARTS, "operator"), "x"))
    yield from (*PARTS, *USERS, ADMINISTRATOR, Broker.name, Database.name)
    yield from (
        each["name"].partition(".")[0] for kind in ("queues", "exchanges", "policies") for each in document[kind]
    )
    yield from (
        right.partition(".")[0].partition("\\")[0] for each in document["permissions"] for right in rights_of(each)
    )
    yield from (role["db"].removeprefix("linli_") for part in PARTS for role in roles_of(part))
    yield from re.findall(r"^  ([a-z]+):$", (ROOT / "docker-compose.yml").read_text(encoding="utf-8"), re.MULTILINE)
    yield from (
        file.stem
        for folder in ("k8s", "requirements")
        for file in (ROOT / folder).rglob("*.*")
        if "secrets" not in file.parts
    )
    yield from tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    yield from (folder.name for folder in (ROOT / "tests").glob("*/*/"))
    yield from (module.name for module in pkgutil.iter_modules(routes.__path__))


def rights_of(permission: dict[str, str]) -> list[str]:
    rights = (permission[kind].strip("^$()") for kind in ("configure", "write", "read"))
    return [each for right in rights for each in right.split("|")]


def test_no_service_can_have_a_name_that_something_else_has() -> None:
    free = {name for name in names_of_others() if name and re.fullmatch("[a-z]+", name) and not holder_of(name)}
    assert free - set(NAMES) == set()


@pytest.mark.parametrize("name", ["gateway", "operator", "broker", "setup", "log", "photos", "class", "none", "yes"])
def test_a_name_that_something_else_has_is_refused(name: str) -> None:
    with pytest.raises(BadEntry, match=rf"\[{name}\], but that name is taken: it is .*; choose another"):
        read(f"[{name}]")
