"""`./linli up`: sets up and starts whatever is not running yet, and prints where everything is."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from launcher import demo as demo_data
from launcher.api import as_operator
from launcher.installation import Installation
from launcher.problems import NotStarted
from launcher.servers import packages
from launcher.servers.process_register import Member

_PATIENCE = 120


def arguments(parser: argparse.ArgumentParser) -> None:
    del parser  # all settings come from the environment


def run(options: argparse.Namespace) -> int:
    del options
    begin = time.monotonic()
    with Installation().register.held():
        installation = Installation()  # as the command that held the register before has left it
        start(installation)
        if installation.is_own:
            demo_data.load(as_operator, installation.demo_password, installation.folder / "demo", _show_loading)
    if installation.is_own:
        print(demo_data.table(installation.demo_password))
    print(f"Linli is ready after {time.monotonic() - begin:.0f} s: {installation.gateway_url}")
    if installation.is_own:
        print(f"paste into your shell:\nU={installation.gateway_url} P={installation.demo_password}")
    return 0


def start(installation: Installation) -> None:
    """Starts what is not running with its current settings, and waits until it is ready.

    The caller holds the register, so that no other command starts or stops anything meanwhile.
    """
    if installation.broker:
        packages.need_rabbitmq()
    for name in installation.register.strays:  # before ports are chosen, as it may hold one
        installation.stop(name)
    installation.leave_taken_ports()
    _start(installation, installation.members)


def start_database(installation: Installation) -> None:
    """Starts the private database alone, if it is not running. The caller holds the register."""
    installation.leave_taken_ports()
    _start(installation, [installation.database] if installation.database else [])


def _start(installation: Installation, members: Sequence[Member]) -> None:
    begin = time.monotonic()
    _wait(installation, [member for member in members if _started(installation, member)], begin)


def _show_loading(what: str, part: int, whole: int) -> None:
    if sys.stdout.isatty() or part == whole:
        _show(f"demo      {what} {part} of {whole}" + "\n" * (part == whole))


def _started(installation: Installation, member: Member) -> bool:
    """Starts it unless it is running with the same settings; returns whether it was started."""
    register = installation.register
    if register.runs(member):
        if member is installation.broker:
            installation.broker.refresh()
        return False
    installation.stop(member.name)
    register.add(member, member.start())
    return True


def _wait(installation: Installation, starting: Sequence[Member], begin: float) -> None:
    """Prints a line as each becomes ready; raises `NotStarted` if one exits or takes too long."""
    waiting = list(starting)
    while waiting:
        seconds = time.monotonic() - begin
        for member in [each for each in waiting if each.ready()]:
            waiting.remove(member)
            _show(f"{member.name:9} ready after {seconds:4.1f} s   {member.version():24} {member.address}\n")
        for member in waiting:
            if installation.register.find(member.name) is None:
                raise _failure(member, "it exited at once")
            if seconds > _PATIENCE:
                raise _failure(member, f"not ready after {_PATIENCE} s")
        if waiting and sys.stdout.isatty():
            _show(f"waiting for {', '.join(member.name for member in waiting)} … {seconds:.0f} s")
        time.sleep(0.1)


def _show(line: str) -> None:
    """On a terminal, overwrites the previous line if that was unfinished."""
    print(f"\r\033[K{line}" if sys.stdout.isatty() else line, end="", flush=True)


def _failure(member: Member, what: str) -> NotStarted:
    end = "\n".join(member.log.read_text(errors="replace").splitlines()[-15:])
    return NotStarted(member.name, f"{what}. Last lines of {member.log}:\n{end}")
