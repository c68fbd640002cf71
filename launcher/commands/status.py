"""`./linli status`: shows one line per part; exit code 0 only if all are healthy."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta

from pymongo.errors import PyMongoError

from launcher.broker_repair import listed, take_over_losses, tenants_of
from launcher.installation import Installation
from launcher.servers.process_register import Member
from launcher.servers.supervisor import NAME as SUPERVISOR
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
    print(f"{'memory':10} {total / _MEGABYTE:.0f} MB in total")
    if missing := missing_calendar((date.today() + _AHEAD).year):  # noqa: DTZ011  # a day more or less changes nothing
        print(f"{'calendar':10} {missing}")
    faults = [*_strays(installation), *_broker_faults(installation), *_missed(installation)]
    print("".join(f"{fault}\n" for fault in faults), end="")
    return 0 if all(healthy) and not faults else 1


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
    register = installation.register
    runs, ready = register.find(member.name) is not None, member.ready()
    restarts_now = _is_being_restarted(installation, member.name)
    state = "restarting" if restarts_now else "ready" if runs and ready else "not ready" if runs else "down"
    version = member.version() if runs and ready else ""
    memory = f"{_memory(installation, member) / _MEGABYTE:.0f} MB"
    restarts = register.restarts(member.name)
    times = f"   restarted {restarts} time{'s' * (restarts != 1)}" if restarts else ""
    print(f"{member.name:10} {state:10} {version:24} {member.address:49} {memory:>7}{times}")
    return runs and ready and not restarts_now


def _is_being_restarted(installation: Installation, name: str) -> bool:
    """Returns whether it has died and the supervisor, which starts it again, runs."""
    register = installation.register
    return name != SUPERVISOR and name in register.died and register.find(SUPERVISOR) is not None


def _memory(installation: Installation, member: Member) -> int:
    process = installation.register.find(member.name)
    return process.memory if process else 0


def _strays(installation: Installation) -> Iterator[str]:
    """What nobody will register: the process that the supervisor or another command starts now is none."""
    register = installation.register
    for name, processes in register.strays.items():
        ids = ", ".join(str(process.pid) for process in processes)
        if _is_being_restarted(installation, name) or register.is_held:
            yield f"{name:10} is being restarted (process {ids})"
        else:
            yield f"{name:10} an interrupted command has left process {ids} behind; ./linli up ends it"


def _broker_faults(installation: Installation) -> Iterator[str]:
    """What the running broker lacks. If it or the database does not answer, their own lines say so."""
    if (broker := installation.broker) and installation.register.find(broker.name):
        if broker.has_lost_its_data:
            yield f"{broker.name:10} has lost its data; ./linli up says what may have been missed"
        try:
            if found := broker.lacking(tenants_of(installation)):
                yield f"{broker.name:10} lacks {listed(found)}; ./linli up makes it again"
        except (PyMongoError, OSError):
            return


def _missed(installation: Installation) -> Iterator[str]:
    if installation.is_own:
        with suppress(PyMongoError):  # the database's own line says that it does not answer
            take_over_losses(installation)
    for missed in installation.missed_events.all:
        yield str(missed)
