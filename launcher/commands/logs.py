"""`./linli logs [part]`: shows the end of the log files and follows them."""

from __future__ import annotations

import argparse
import os

from launcher.installation import Installation
from launcher.problems import Stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("part", nargs="?", help="broker, database, gateway or a service (default: all)")
    parser.add_argument("-f", "--follow", action="store_true", help="follow the logs until interrupted")
    parser.add_argument("-n", "--lines", type=int, default=50, help="number of lines per log (50)")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    members = installation.members
    files = [member.log for member in members if options.part in (None, member.name)]
    if not files:
        raise Stopped(f"there is no part {options.part!r}; choose from {', '.join(member.name for member in members)}")
    there = [str(file) for file in files if file.exists()]
    if not there:
        raise Stopped("nothing has been logged yet; run ./linli up first")
    os.execvp("tail", ["tail", "-n", str(options.lines), *(["-F"] if options.follow else []), *there])
