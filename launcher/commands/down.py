"""`./linli down`: stops everything that `up` started, by process id."""

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
    parser.add_argument("--purge", action="store_true", help="also delete all data, secrets and logs")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    with installation.register.held():
        for together in _turns(installation.register.names):
            print("\n".join(f"{name:9} stopping" for name in together), flush=True)
            with ThreadPoolExecutor(len(together)) as pool:
                list(pool.map(installation.stop, together))
        if options.purge:
            shutil.rmtree(installation.folder)
            print("All data has been deleted.")
    return 0


def _turns(names: Sequence[str]) -> list[list[str]]:
    """The order of stopping: the gateway finishes its calls before the services stop, and they before the servers."""
    gateway = [name for name in names if name == GATEWAY]
    services = [name for name in names if name in NAMES]
    servers = [name for name in names if name not in PARTS]
    return [turn for turn in (gateway, services, servers) if turn]
