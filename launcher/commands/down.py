"""`./linli down`: stops everything that `up` started, by process id."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from launcher.installation import Installation
from launcher.problems import Stopped
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.processes import PARTS
from launcher.servers.supervisor import NAME as SUPERVISOR
from launcher.service_list import NAMES


class NotConfirmed(Stopped):
    """Nobody has agreed to the deletion."""

    def __init__(self) -> None:
        super().__init__("Nothing was stopped or deleted. Pass --yes to delete without being asked.")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--purge", action="store_true", help="also delete all data, the keys of that data, and logs")
    parser.add_argument("--yes", action="store_true", help="with --purge: do not ask")


def run(options: argparse.Namespace) -> int:
    installation = Installation.existing()
    if options.purge and not options.yes:
        _confirm(installation.disposable)
    with installation.register.held():
        for group in _stop_order(installation.register.names):
            print("\n".join(f"{name:10} stopping" for name in group), flush=True)
            with ThreadPoolExecutor(len(group)) as pool:
                list(pool.map(installation.stop, group))
        if options.purge:
            _delete(installation.disposable)
            _keep_or_remove(installation.folder)
    return 0


def _confirm(paths: Sequence[Path]) -> None:
    """Raises `NotConfirmed` unless somebody at the terminal agrees."""
    print("This deletes permanently:\n" + "\n".join(f"  {path}" for path in paths), flush=True)
    if not sys.stdin.isatty() or input("Delete it? [y/N] ").strip().lower() not in ("y", "yes"):
        raise NotConfirmed()


def _delete(paths: Sequence[Path]) -> None:
    """Deletes the data before its keys, which are of no use without it."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    print("All data has been deleted.")


def _keep_or_remove(folder: Path) -> None:
    """Removes the folder of the installation if nothing else is in it."""
    if kept := sorted(path.name for path in folder.iterdir()):
        print(f"Kept in {folder}, as others may need it: {', '.join(kept)}")
    else:
        folder.rmdir()


def _stop_order(names: Sequence[str]) -> list[list[str]]:
    """Groups names by stopping order.

    The supervisor starts nothing again; the gateway finishes its calls before services stop, and they before servers.
    """
    first = [[name for name in names if name == part] for part in (SUPERVISOR, GATEWAY)]
    services = [name for name in names if name in NAMES]
    servers = [name for name in names if name not in (SUPERVISOR, *PARTS)]
    return [group for group in (*first, services, servers) if group]
