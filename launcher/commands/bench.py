"""`./linli bench`: measure the speed, beside others where there are any. See bench/README.md."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from types import FrameType

_PARTS = ("events", "http", "latency")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one object of named figures")
    parser.add_argument("--quick", action="store_true", help="small counts: shows that it runs, not how fast it is")
    parser.add_argument("--part", choices=_PARTS, help="this part alone")


def run(options: argparse.Namespace) -> int:
    # Not at the top: whoever only looks for a command's options does not need what measuring needs.
    figures = importlib.import_module("bench.figures").Figures(quiet=options.json)
    signal.signal(signal.SIGTERM, _end)
    for part in [options.part] if options.part else _PARTS:
        importlib.import_module(f"bench.{part}").measure(figures, quick=options.quick)
    if options.json:
        print(figures.json())
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    """As Ctrl-C does, so that what was started is stopped."""
    sys.exit(128 + number)
