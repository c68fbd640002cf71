"""TCP ports that belong to this process of the tests alone.

A server may be down for a while and find its port free again, whatever the other processes of the same run start.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import Iterator
from functools import cache

from launcher.servers.ports import is_free

# Below the ports that Linux gives to connections, and to `launcher.servers.ports.free`.
_FIRST, _END, _BLOCK = 12_000, 32_000, 500


def free(count: int) -> list[int]:
    """Returns `count` different ports that are free now, and that no other process of tests takes."""
    return list(itertools.islice((port for port in _numbers() if is_free(port)), count))


@cache
def _numbers() -> Iterator[int]:
    return itertools.cycle(range(start := _claimed_block(), start + _BLOCK))


def _claimed_block() -> int:
    """Returns the first port of a block that no other process has."""
    for start in range(_FIRST, _END, _BLOCK):
        # An abstract socket is the claim: it lives as long as this process.
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind(f"\0linli test ports {start}")
        except OSError:
            claim.close()
        else:
            claim.detach()
            return start
    raise AssertionError("all blocks of ports are taken")
