"""`./linli down`: stop what `up` started, by process id."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from launcher.installation import Installation
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.processes import PARTS
from launcher.service_list import NAMES


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--purge", action="store_true", help="delete all data, secrets and logs too")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    with installation.register.held():
        for together in _turns(installation.register.names):
            print("\n".join(f"{name:9} stopping" for name in together), flush=True)
            with ThreadPoolExecutor(len(together)) as pool:
                list(pool.map(installation.stop, together))
        if options.purge:
            shutil.rmtree(installation.folder)
            print("All data is deleted.")
    return 0


def _turns(names: Sequence[str]) -> list[list[str]]:
    """The gateway ends its calls while the services still answer, and they their work before its servers go."""
    gateway = [name for name in names if name == GATEWAY]
    services = [name for name in names if name in NAMES]
    servers = [name for name in names if name not in PARTS]
    return [turn for turn in (gateway, services, servers) if turn]
