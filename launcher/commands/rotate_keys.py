"""`./linli rotate-keys`: replaces the root keys of the services of a private installation."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from pymongo.errors import PyMongoError

from chassis.process.providers import static_key_ring
from chassis.process.runtime import Runtime
from chassis.settings import Settings
from launcher.commands.up import start
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.service_list import NAMES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Give a service new root keys, and delete the old ones once no data in its database needs them. "
        "The service restarts twice, and all of Linli runs afterwards. "
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
    """Rotates one service after the other. Reads all keys first: a damaged one must not leave a service stopped."""
    keys = Installation.existing().keys  # the command that held the register before may have deleted them
    root_keys = {service: keys.to_rotate(service) for service in services}
    for service, files in root_keys.items():
        for key in files:
            keys.begin_rotation(key)
        # A process that only has the old key would keep wrapping with it.
        Installation().stop(service)
        start(Installation())
        _rewrap(Installation(), service)
        for key in files:
            keys.end_rotation(key)
        start(Installation())
        print(f"{service:9} has new root keys; earlier backups need the old ones")


def _rewrap(installation: Installation, service: str) -> None:
    """Rewraps the data keys. The service does this too, but here the command knows when it is done."""
    settings = next(part.settings for part in installation.parts if part.name == service)
    runtime = Runtime(Settings.for_service(service, settings))
    try:
        static_key_ring(runtime).rewrap()
    except PyMongoError as error:
        raise Stopped(
            f"The database does not answer ({type(error).__name__}), so {service} keeps both root keys. "
            "Run the command again."
        ) from error
    finally:
        runtime.collections.close()
