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
        for group in _stop_order(installation.register.names):
            print("\n".join(f"{name:9} stopping" for name in group), flush=True)
            with ThreadPoolExecutor(len(group)) as pool:
                list(pool.map(installation.stop, group))
        if options.purge:
            shutil.rmtree(installation.folder)
            print("All data has been deleted.")
    return 0


def _stop_order(names: Sequence[str]) -> list[list[str]]:
    """Groups names by stopping order: the gateway finishes its calls before services stop, and they before servers."""
    gateway = [name for name in names if name == GATEWAY]
    services = [name for name in names if name in NAMES]
    servers = [name for name in names if name not in PARTS]
    return [group for group in (gateway, services, servers) if group]
