"""`./linli down`: stop what `up` started, by process id."""

from __future__ import annotations

import argparse
import shutil

from launcher.installation import Installation


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--purge", action="store_true", help="delete all data, secrets and logs too")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    register = installation.register
    with register.held():
        # The last started first: the gateway ends its calls while the services still answer.
        for name in reversed(register.names):
            print(f"{name:9} stopping", flush=True)
            register.stop(name)
        if options.purge:
            shutil.rmtree(installation.folder)
            print("All data is deleted.")
    return 0
