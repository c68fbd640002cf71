"""Entry point of `python -m gateway`; reads its settings from the environment."""

from __future__ import annotations

import os
import sys

import uvloop

from chassis.errors import Problem
from gateway.server import serve
from gateway.settings import GatewaySettings


def main() -> int:
    try:
        uvloop.run(serve(GatewaySettings.read(os.environ)))
    except Problem as problem:
        print(problem.text("en"), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
