"""`./linli status`: shows one line per part; exit code 0 only if all are healthy."""

from __future__ import annotations

import argparse

from launcher.installation import Installation
from launcher.servers.process_register import Member

_MEGABYTE = 1_000_000


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(options: argparse.Namespace) -> int:
    del options
    installation = Installation.existing()
    healthy = [_report(installation, member) for member in installation.members]
    total = sum(_memory(installation, member) for member in installation.members)
    print(f"{'memory':9} {total / _MEGABYTE:.0f} MB in total")
    strays = installation.register.strays
    for name, processes in strays.items():
        ids = ", ".join(str(process.pid) for process in processes)
        print(f"{name:9} an interrupted command has left process {ids} behind; ./linli up ends it")
    return 0 if all(healthy) and not strays else 1


def _report(installation: Installation, member: Member) -> bool:
    """Prints its line; returns whether it is healthy."""
    runs, ready = installation.register.find(member.name) is not None, member.ready()
    state = "ready" if runs and ready else "not ready" if runs else "down"
    version = member.version() if runs and ready else ""
    memory = f"{_memory(installation, member) / _MEGABYTE:.0f} MB"
    print(f"{member.name:9} {state:9} {version:24} {member.address:28} {memory:>7}")
    return runs and ready


def _memory(installation: Installation, member: Member) -> int:
    process = installation.register.find(member.name)
    return process.memory if process else 0
