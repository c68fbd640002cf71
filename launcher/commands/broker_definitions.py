"""`./linli broker-definitions`: prints the definitions to import into your own broker."""

from __future__ import annotations

import argparse
import json
import os

from launcher.problems import Stopped
from launcher.servers import broker_topology


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Print the document for RabbitMQ's load_definitions or import_definitions. Set the users' passwords "
        f"in the environment: {', '.join(_variable(user) for user in broker_topology.USERS)}."
    )
    parser.add_argument("--vhost", default="/", help="the virtual host (/)")


def run(options: argparse.Namespace) -> int:
    missing = [_variable(user) for user in broker_topology.USERS if not os.environ.get(_variable(user))]
    if missing:
        raise Stopped(f"set {', '.join(missing)}; there are no default passwords")
    passwords = {user: os.environ[_variable(user)] for user in broker_topology.USERS}
    print(json.dumps(broker_topology.definitions(passwords, options.vhost), indent=1))
    return 0


def _variable(user: str) -> str:
    return f"BROKER_PASSWORD_{user.upper()}"
