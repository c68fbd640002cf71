"""TCP ports: free ones on this machine, and those that an installation has chosen."""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from pathlib import Path

from launcher import text_files

#: Ports that this process has claimed, with the file that keeps them. The sockets live as long as the process.
_claims: dict[int, tuple[Path, socket.socket]] = {}


def free(count: int) -> list[int]:
    """Returns `count` different ports that are free now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _claim(port: int, file: Path) -> bool:
    """Keeps the port from other installations until this process ends and a server listens on it.

    An abstract socket is the claim: it knows no files and ends with the process, however that ends.
    """
    if port in _claims:
        return _claims[port][0] == file
    claim = socket.socket(socket.AF_UNIX)
    try:
        claim.bind(f"\0linli port {port}")
    except OSError:
        claim.close()
        return False
    _claims[port] = (file, claim)
    return True


class ChosenPorts:
    """Ports by name, chosen once and kept in `file`, so that addresses stay stable. Raises `Damaged`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        remedy = "Delete it: ./linli up then chooses new ports."
        self._chosen: dict[str, int] = text_files.read_json(file, dict, remedy) or {}
        if any(type(port) is not int or not 0 < port < 1 << 16 for port in self._chosen.values()):
            raise text_files.Damaged(file, remedy)

    @property
    def names(self) -> list[str]:
        return list(self._chosen)

    def of(self, name: str, preferred: int = 0) -> int:
        """Returns the port of `name`, choosing one at first use: `preferred` if it is free, else any."""
        if name not in self._chosen:
            is_ours = preferred in self._chosen.values()
            self._chosen[name] = preferred if not is_ours and self._is_open(preferred) else self._another()
            text_files.replace(self._file, json.dumps(self._chosen, indent=1) + "\n")
        return self._chosen[name]

    def reconsider(self, name: str, preferred: int = 0) -> None:
        """Gives up the port of `name`, which nothing of ours uses now, if others use it or `preferred` is free."""
        port = self._chosen[name]
        if not self._is_open(port) or (port != preferred and self._is_open(preferred)):
            del self._chosen[name]

    def _is_open(self, port: int) -> bool:
        """Returns whether the port is free and no other installation is about to use it."""
        return bool(port) and is_free(port) and _claim(port, self._file)

    def _another(self) -> int:
        """Returns a port that no other name has; the process that will use it may not run yet."""
        while True:
            for port in free(len(self._chosen) + 1):
                if port not in self._chosen.values() and _claim(port, self._file):
                    return port
