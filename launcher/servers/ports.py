"""TCP ports: free ones on this machine, and those that an installation has chosen."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from pathlib import Path


def free(count: int) -> list[int]:
    """Returns `count` different ports that are free now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class ChosenPorts:
    """Ports by name, chosen once and kept in `file`, so that addresses stay stable."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._chosen: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}

    @property
    def names(self) -> list[str]:
        return list(self._chosen)

    def of(self, name: str, preferred: int = 0) -> int:
        """Returns the port of `name`, choosing one at first use: `preferred` if it is free, else any."""
        if name not in self._chosen:
            self._chosen[name] = preferred if preferred and _is_free(preferred) else self._another()
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps(self._chosen, indent=1) + "\n")
        return self._chosen[name]

    def leave(self, name: str) -> None:
        """Gives up the port of `name` if something uses it."""
        if not _is_free(self._chosen[name]):
            del self._chosen[name]

    def _another(self) -> int:
        """Returns a free port that no other name has; the process that will use it may not run yet."""
        return next(port for port in free(len(self._chosen) + 1) if port not in self._chosen.values())
