"""`./linli status`: shows one line per part; exit code 0 only if all are healthy."""

from __future__ import annotations

import argparse
from datetime import date, timedelta

from launcher.installation import Installation
from launcher.servers.process_register import Member
from vocabulary.working_time import ANNOUNCED_UNTIL

_MEGABYTE = 1_000_000
#: Limits reach this far ahead, so the next year's holidays are missed before it begins.
_AHEAD = timedelta(days=31)


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser


def run(options: argparse.Namespace) -> int:
    del options
    installation = Installation.existing()
    healthy = [_report(installation, member) for member in installation.members]
    total = sum(_memory(installation, member) for member in installation.members)
    print(f"{'memory':9} {total / _MEGABYTE:.0f} MB in total")
    if missing := missing_calendar((date.today() + _AHEAD).year):  # noqa: DTZ011  # a day more or less changes nothing
        print(f"{'calendar':9} {missing}")
    strays = installation.register.strays
    for name, processes in strays.items():
        ids = ", ".join(str(process.pid) for process in processes)
        print(f"{name:9} an interrupted command has left process {ids} behind; ./linli up ends it")
    return 0 if all(healthy) and not strays else 1


def missing_calendar(year: int) -> str:
    """Returns what to do about a year whose public holidays this version does not know; "" if it knows them."""
    if year <= ANNOUNCED_UNTIL:
        return ""
    return (
        f"China's public holidays of {year} are not in this version: only those with a fixed date count. Update "
        "`chinesecalendar` once they are announced, or list `days_off` and `working_days` in the settings"
    )


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
