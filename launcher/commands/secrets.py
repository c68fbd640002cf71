"""`./linli secrets`: creates the secrets for containers and Kubernetes, one file each; existing ones are kept."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from urllib.parse import quote

from launcher.servers.broker_topology import USERS, definitions
from launcher.servers.database import ADMINISTRATOR, roles_of
from launcher.servers.processes import PARTS, ROOT, key_settings
from launcher.servers.secrets import Keys

FOLDER = ROOT / ".linli" / "compose"
BROKER = "rabbitmq:5672"
DATABASE = "mongo:27017"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Create the files that docker-compose.yml and k8s/overlays/demo mount: keys, passwords, addresses, the "
        "broker's definitions and the database's users. Existing secrets are kept: encrypted data stays readable."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help=f"default: {FOLDER.relative_to(ROOT)}")


def run(options: argparse.Namespace) -> int:
    make(options.folder)
    print(f"The secrets are in {options.folder}")
    return 0


def make(folder: Path) -> None:
    """Writes each secret to its own file in `folder`, which only its owner may enter."""
    keys = Keys(folder)
    for part in PARTS:
        key_settings(part, keys)  # creates the key files
        _write(folder / f"{part}.amqp-uri", _amqp_uri(part, keys))
    for user in (*PARTS, ADMINISTRATOR):
        _write(folder / f"{user}.mongodb-uri", _mongodb_uri(user, keys))
    _write(folder / "database-users.json", json.dumps([_database_user(part, keys) for part in PARTS], indent=1))
    passwords = {user: keys.password("broker", user) for user in USERS}
    _write(folder / "definitions.json", json.dumps(definitions(passwords), indent=1))
    # In a container another user reads the mounted files; on this machine the folder's mode protects them.
    for file in folder.iterdir():
        file.chmod(0o444)


def _amqp_uri(user: str, keys: Keys) -> str:
    return f"amqp://{user}:{quote(keys.password('broker', user), safe='')}@{BROKER}/%2F"


def _mongodb_uri(user: str, keys: Keys) -> str:
    # Single node: a direct connection also works before the replica set is initiated.
    password = quote(keys.password("database", user), safe="")
    return f"mongodb://{user}:{password}@{DATABASE}/?directConnection=true&authSource=admin"


def _database_user(part: str, keys: Keys) -> dict[str, object]:
    return {"user": part, "password": keys.password("database", part), "roles": roles_of(part)}


def _write(file: Path, content: str) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(content)
