"""`./linli logs [part]`: the end of the log files, and what is added to them."""

from __future__ import annotations

import argparse
import os

from launcher.installation import Installation
from launcher.problems import Stopped


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("part", nargs="?", help="broker, database, a service or gateway; all without it")
    parser.add_argument("-f", "--follow", action="store_true", help="go on until interrupted")
    parser.add_argument("-n", "--lines", type=int, default=50, help="how many lines of each (50)")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    members = installation.members
    files = [member.log for member in members if options.part in (None, member.name)]
    if not files:
        raise Stopped(f"no part is called {options.part!r}; there are {', '.join(member.name for member in members)}")
    there = [str(file) for file in files if file.exists()]
    os.execvp("tail", ["tail", "-n", str(options.lines), *(["-F"] if options.follow else []), *there])
