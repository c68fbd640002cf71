"""Starts one member again that has died; run by the supervisor, once for each restart."""

from __future__ import annotations

import sys

from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.starting import restart


def main(name: str) -> int:
    with Installation().register.held():
        installation = Installation()  # as the command that held the register before has left it
        try:
            restart(installation, name)
        except Stopped as stopped:
            print(stopped, flush=True)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
