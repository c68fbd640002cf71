"""`./linli bench`: runs the benchmarks, with comparisons to other libraries. See bench/README.md."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
from types import FrameType

_PARTS = ("events", "http", "growth", "latency", "overload")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object of named figures")
    parser.add_argument(
        "--quick", action="store_true", help="small counts: checks that it runs, says nothing about speed"
    )
    parser.add_argument("--part", choices=_PARTS, help="run only this part")


def run(options: argparse.Namespace) -> int:
    # Imported here so that `--help` does not need the benchmark's dependencies.
    figures = importlib.import_module("bench.figures").Figures(quiet=options.json)
    signal.signal(signal.SIGTERM, _end)
    for part in [options.part] if options.part else _PARTS:
        importlib.import_module(f"bench.{part}").measure(figures, quick=options.quick)
    if options.json:
        print(figures.json())
    return 0


def _end(number: int, frame: FrameType | None) -> None:
    """Exits as on Ctrl-C, so that everything started is stopped."""
    sys.exit(128 + number)
