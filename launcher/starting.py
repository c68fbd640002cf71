"""Starting: brings everything of an installation up, as `up`, `rotate-keys` and the supervisor need it.

The caller holds the register, so that no other command starts or stops anything meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from launcher.api import Api, as_operator
from launcher.broker_repair import repair, take_over_losses
from launcher.installation import Installation
from launcher.problems import NotStarted
from launcher.progress import Line
from launcher.servers import packages
from launcher.servers.process_register import Member
from launcher.service_list import NAMES

_PATIENCE = 120
# No city has this name, so a resync of it finds nothing to send.
_NO_CITY = "nobody"


def start(installation: Installation) -> None:
    """Starts what is not running with its current settings and code, and waits until all of it works."""
    if installation.broker:
        packages.need_rabbitmq()
    for name in installation.register.strays:  # before ports are chosen, as it may hold one
        installation.stop(name)
    installation.reconsider_ports()
    line, begin = Line(), time.monotonic()
    for member in installation.members:
        _start(installation, member)
    _wait(installation, installation.servers, begin, line)
    repair(installation)
    _wait(installation, installation.members, begin, line)
    if installation.is_own:
        take_over_losses(installation)
    for missed in installation.missed_events.all:
        line.end(str(missed))
    _require_answers(installation)


def start_database(installation: Installation) -> None:
    """Starts the private database alone, if it is not running."""
    installation.reconsider_ports()
    if installation.database:
        begin = time.monotonic()
        _start(installation, installation.database)
        _wait(installation, [installation.database], begin, Line())


def restart(installation: Installation, name: str) -> None:
    """Starts a member again that is registered and has died; does nothing if somebody stopped it meanwhile."""
    register = installation.register
    for member in installation.members:
        if member.name == name and name in register.died:
            restarts = register.restarts(name) + 1
            register.stop_strays(name)
            register.start(member, restarts)


def _start(installation: Installation, member: Member) -> None:
    """Starts it unless it is running with the same settings and code."""
    if not installation.register.runs(member):
        installation.stop(member.name)
        installation.register.start(member)


def _wait(installation: Installation, members: Sequence[Member], begin: float, line: Line) -> None:
    """Waits until all are ready at once, with a line for each that was not; raises `NotStarted`."""
    told = {member.name for member in members if member.ready()}
    while waiting := [member for member in members if not member.ready()]:
        seconds = time.monotonic() - begin
        for member in members:
            if member not in waiting and member.name not in told:
                _tell(member, seconds, line)
                told.add(member.name)
        for member in waiting:
            if installation.register.find(member.name) is None:
                raise _failure(member, "it exited at once")
            if seconds > _PATIENCE:
                raise _failure(member, f"not ready after {_PATIENCE} s")
        line.show(f"waiting for {', '.join(member.name for member in waiting)} … {seconds:.0f} s")
        time.sleep(0.1)
    for member in members:
        if member.name not in told:
            _tell(member, time.monotonic() - begin, line)


def _tell(member: Member, seconds: float, line: Line) -> None:
    line.end(f"{member.name:10} ready after {seconds:4.1f} s   {member.version():24} {member.address}")


def _require_answers(installation: Installation) -> None:
    """Calls each service through the gateway. Raises `Refused` or `Stopped` if one does not answer within a minute."""
    if installation.knows_operator_key:
        api: Api = as_operator(_NO_CITY, installation.gateway_url)
        for service in NAMES:
            api.post(f"/v1/resync/{service}", service=service)


def _failure(member: Member, what: str) -> NotStarted:
    end = "\n".join(member.log.read_text(errors="replace").splitlines()[-15:]) if member.log.exists() else ""
    return NotStarted(member.name, f"{what}. Last lines of {member.log}:\n{end}")
