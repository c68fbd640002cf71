"""`./linli rotate-keys`: new root keys for the services of an installation of this machine's own."""

from __future__ import annotations

import argparse

from pymongo.errors import PyMongoError

from chassis.process.runtime import Runtime
from chassis.process.settings import Settings
from chassis.security.providers import static_key_ring
from launcher.commands.up import start
from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.service_list import NAMES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Give a service new root keys, and delete the old ones once they open nothing of its database any more. "
        "Its parts are started twice. Repeat the command if it was broken off: it goes on where it was."
    )
    parser.add_argument("service", nargs="?", choices=list(NAMES), help="default: all, one after the other")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    if not installation.is_own:
        raise Stopped("These keys are not of ./linli's making; docs/operations.md says how to rotate them by hand.")
    for service in [options.service] if options.service else NAMES:
        keys = [installation.keys.root(service), installation.keys.index(service)]
        for key in keys:
            installation.keys.begin_rotation(key)
        with installation.register.held():
            # One that went on with the old key alone would wrap with it.
            installation.stop(service)
        start(Installation())
        _take_over(Installation(), service)
        for key in keys:
            installation.keys.old(key).unlink()
        start(Installation())
        print(f"{service:9} has new root keys; a backup from before needs the ones of then")
    return 0


def _take_over(installation: Installation, service: str) -> None:
    """The service does this too, but here it is known when it is done."""
    settings = next(part.settings for part in installation.parts if part.name == service)
    runtime = Runtime(Settings.for_service(service, settings))
    try:
        static_key_ring(runtime).rewrap()
    except PyMongoError as error:
        raise Stopped(
            f"The database does not answer ({type(error).__name__}), so {service} keeps both root keys. Repeat this."
        ) from error
    finally:
        runtime.collections.close()
