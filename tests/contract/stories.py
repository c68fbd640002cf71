"""Finder of the stories of every service: modules in `tests/contract/<service>/` whose names end in `stories`.

Such a module has `EVENTS`, the types of events that its stories tell of, and `aggregates()`, which yields aggregates
that together have emitted all of them. If more is published than what they have pending, `published()` yields that.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from chassis.envelope import Event
from launcher.generate import contracts
from launcher.servers.processes import ROOT
from launcher.service_list import NAMES

FOLDER = ROOT / "tests" / "contract"
_NEEDED = ("EVENTS", "aggregates()")


def stories_of(service: str) -> list[ModuleType]:
    files = sorted((FOLDER / service).glob("*stories.py"))
    return [import_module(f"tests.contract.{service}.{file.stem}") for file in files]


def stories_of_all() -> list[ModuleType]:
    """Those of all services that have any."""
    return [module for name in NAMES for module in stories_of(name)]


def events_of(*modules: ModuleType) -> dict[str, type[Event]]:
    """Every event class of these modules, by type."""
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    return {kind.type: kind for kind in kinds if issubclass(kind, Event) and hasattr(kind, "type")}


def published_by(service: str) -> set[str]:
    """The types of the events that the service has."""
    events = {kind for kind, made in contracts.published().items() if issubclass(made, Event)}
    return {kind for kind in events if kind.partition(".")[0] == service}


def missing_of(service: str) -> str:
    """What has to be added, and where, so that every event of the service has a story; "" if nothing."""
    stories, home = stories_of(service), f"tests/contract/{service}/stories.py"
    if not stories and published_by(service):
        return (
            f"{service} has no stories: add {home} with {' and '.join(_NEEDED)}; docs/add-a-service.md has an example"
        )
    for module in stories:
        if lacking := [name for name in _NEEDED if name.removesuffix("()") not in vars(module)]:
            return f"add {' and '.join(lacking)} to {module.__name__}; tests/contract/stories.py says what they are"
    untold = published_by(service) - {kind for module in stories for kind in module.EVENTS}
    homes = " or ".join(module.__name__ for module in stories)
    return f"add a story of {', '.join(sorted(untold))} to {homes}, and the type to EVENTS there" if untold else ""


def published(stories: ModuleType) -> Iterator[Any]:
    """Every event that the stories publish."""
    if hasattr(stories, "published"):
        yield from stories.published()
    else:
        yield from (event for aggregate in stories.aggregates() for event in aggregate.pending)
