"""Reserved names: words that cannot name a service, since something else has the name, with what has it."""

from __future__ import annotations

import keyword

_RESERVED = {
    "a part of every installation": ("gateway", "broker", "database", "setup"),
    "a container or a manifest": ("rabbitmq", "mongo", "kustomization", "namespace"),
    "a user of the broker or of the database": ("operator", "administrator", "guest"),
    "the beginning of names of queues and exchanges": ("amq", "audit", "linli", "log", "replies", "requests"),
    "the database of the photos": ("photos",),
    "an extra of pyproject.toml or a lock in requirements/": ("service", "run", "dev", "deploy", "bench"),
    "a folder of tests about something else": ("chassis", "launcher", "security", "vocabulary"),
    "the end of variables that name a file": ("file",),
    "a value, not a name, in YAML": ("true", "false", "null", "yes", "no", "on", "off", "y", "n"),
}
_HOLDERS = {name: holder for holder, names in _RESERVED.items() for name in names}


def holder_of(name: str) -> str:
    """Returns what has this name already; "" if a service may have it."""
    # The folder of a service is a module, and its class has the name with a capital letter.
    if keyword.iskeyword(name) or keyword.iskeyword(name.capitalize()):
        return "a keyword of Python"
    return _HOLDERS.get(name, "")
