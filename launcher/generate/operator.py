"""What the container of the operator's commands is shown of each service: its database's address and its audit key."""

from __future__ import annotations

from collections.abc import Iterable

#: By the name of the service, as `./linli secrets` writes them.
FILES = ("@{name}.mongodb-uri", "@{name}.audit.key")


def settings(services: Iterable[str], folder: str) -> dict[str, str]:
    """Returns the variables that name these files, which lie in `folder`."""
    return {
        variable: f"{folder}/{file}"
        for name in services
        for variable, file in (
            (f"MONGODB_URI_{name.upper()}_FILE", f"{name}.mongodb-uri"),
            (f"LINLI_AUDIT_KEY_FILE_{name.upper()}", f"{name}.audit.key"),
        )
    }
