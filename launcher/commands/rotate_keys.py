"""`./linli rotate-keys`: replaces the root keys of the services of a private installation."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pymongo.errors import PyMongoError

from chassis.process.providers import static_key_ring
from chassis.process.runtime import Runtime
from chassis.security.sealing import KeyRing
from chassis.settings import Settings
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.servers.secrets import Keys
from launcher.service_list import NAMES
from launcher.starting import start, start_database

_NAMED = 5
_UNCHANGED = "Nothing was changed; do not stop {service}, which may hold these keys in memory."


class KeysLocked(Stopped):
    """The root keys of a service do not open keys in its database; without these, the old root keys are needed."""

    def __init__(self, service: str, locked: Sequence[str], what_happened: str) -> None:
        more = f" and {len(locked) - _NAMED} more" if len(locked) > _NAMED else ""
        super().__init__(
            f"{service}: its root key files do not open the stored keys {', '.join(locked[:_NAMED])}{more}. "
            f"{what_happened} Put the root key that opens them, from a backup, beside the present one as "
            f"old-{service}.root.key or old-{service}.index.key, and run the command again; never replace a key file "
            f"that is there. If the data of a key is lost for good, delete that key from the collection keys of "
            f"linli_{service}."
        )


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Give a service new root keys, and delete the old ones once no data in its database needs them. "
        "The service stops meanwhile, and all of Linli runs afterwards. "
        "If the command was interrupted, run it again: it resumes."
    )
    parser.add_argument("service", nargs="?", choices=list(NAMES), help="default: all, one after the other")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    if not installation.is_own:
        raise Stopped("./linli did not create these keys; docs/operations.md says how to rotate them by hand.")
    with installation.register.held():
        _rotate([options.service] if options.service else NAMES)
    return 0


def _rotate(services: Sequence[str]) -> None:
    """Rotates one service after the other. Tries all keys first: a wrong one must not leave a service stopped."""
    keys = Installation.existing().keys  # the command that held the register before may have deleted them
    root_keys = {service: keys.to_rotate(service) for service in services}
    start_database(Installation())
    for service in services:
        with _key_ring(Installation(), service) as ring:
            if locked := ring.locked():
                raise KeysLocked(service, locked, _UNCHANGED.format(service=service))
    for service, files in root_keys.items():
        _replace(keys, service, files)
        print(f"{service:9} has new root keys; earlier backups need the old ones")


def _replace(keys: Keys, service: str, files: Sequence[Path]) -> None:
    """Replaces the root keys of one service, of which nothing runs meanwhile: it would wrap with keys that go."""
    Installation().stop(service)
    _require_stopped(service)
    for key in files:
        keys.begin_rotation(key)
    with _key_ring(Installation(), service) as ring:
        locked = ring.rewrap().locked
    _require_stopped(service)  # what a command was starting when it was killed shows itself a moment later
    if not locked:
        for key in files:
            keys.end_rotation(key)
    start(Installation())
    if locked:
        raise KeysLocked(service, locked, "Both its old and its new root keys are kept.")


def _require_stopped(service: str) -> None:
    if left := Installation().register.find(service):
        raise Stopped(
            f"{service}: process {left.pid} runs, so no root key is deleted. Run the command again; "
            "if this process stays, end it yourself."
        )


@contextmanager
def _key_ring(installation: Installation, service: str) -> Iterator[KeyRing]:
    """Opens the stored keys of a service with its present root keys."""
    settings = next(part.settings for part in installation.parts if part.name == service)
    runtime = Runtime(Settings.for_service(service, settings))
    try:
        yield static_key_ring(runtime)
    except PyMongoError as error:
        raise Stopped(
            f"The database does not answer ({type(error).__name__}), so {service} keeps its old root keys. "
            "Run the command again."
        ) from error
    finally:
        runtime.collections.close()
