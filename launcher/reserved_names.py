"""Reserved names: words that cannot name a service, since something else has the name, with what has it."""

from __future__ import annotations

import keyword

_RESERVED = {
    "part of every installation": ("gateway", "broker", "database", "setup"),
    "a container or a manifest": ("rabbitmq", "mongo", "kustomization", "namespace"),
    "a user of the broker or of the database": ("operator", "administrator", "guest"),
    "how names of queues and exchanges begin": ("amq", "audit", "linli", "log", "replies", "requests"),
    "the database of the photos": ("photos",),
    "an extra of pyproject.toml or a lock in requirements/": ("service", "run", "dev", "deploy", "bench"),
    "a folder of other tests": ("chassis", "launcher", "security", "vocabulary"),
    "how variables that name a file end": ("file",),
    "a value in YAML": ("true", "false", "null", "yes", "no", "on", "off", "y", "n"),
}
_HOLDERS = {name: holder for holder, names in _RESERVED.items() for name in names}


def holder_of(name: str) -> str:
    """Returns what has this name already; "" if a service may have it."""
    # The folder of a service is a module, and its class has the name with a capital letter.
    if keyword.iskeyword(name) or keyword.iskeyword(name.capitalize()):
        return "a keyword of Python"
    return _HOLDERS.get(name, "")
