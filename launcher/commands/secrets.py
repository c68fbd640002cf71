"""`./linli secrets`: creates the secrets for containers and Kubernetes, one file each; existing ones are kept."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from urllib.parse import quote

from launcher import text_files
from launcher.problems import Stopped
from launcher.servers.broker_topology import USERS, Definition, definitions, with_known_hashes
from launcher.servers.database import ADMINISTRATOR, roles_of
from launcher.servers.processes import PARTS, ROOT, key_settings
from launcher.servers.secrets import Keys

FOLDER = ROOT / ".linli" / "compose"
BROKER = "rabbitmq:5672"
DATABASE = "mongo:27017"
_DEFINITIONS = "definitions.json"


class NotPrivate(Stopped):
    """Secrets may not be written there. Nothing was changed."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} {reason}; nothing was changed.")


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
    """Writes each secret to its own file in `folder`, which only its owner may enter.

    What is there and still right stays as it is. Raises `NotPrivate`, `Damaged`.
    """
    _require_private(folder)
    keys = Keys(folder)
    made = {Path(file) for part in PARTS for file in key_settings(part, keys).values()}
    contents = {f"{user}.amqp-uri": _amqp_uri(user, keys) for user in USERS}
    contents |= {f"{user}.mongodb-uri": _mongodb_uri(user, keys) for user in (*PARTS, ADMINISTRATOR)}
    contents["database-users.json"] = json.dumps([_database_user(part, keys) for part in PARTS], indent=1)
    contents[_DEFINITIONS] = json.dumps(_definitions(folder / _DEFINITIONS, keys), indent=1)
    for name, content in contents.items():
        if not (folder / name).exists() or (folder / name).read_text() != content:
            text_files.replace(folder / name, content)
    # In a container another user reads the mounted files; on this machine the folder's mode protects them.
    for file in {*made, *(folder / name for name in contents), *folder.glob("*.password")}:
        file.chmod(0o444)


def _require_private(folder: Path) -> None:
    """Raises `NotPrivate` for a folder in which others could read the secrets, or that stands for files elsewhere."""
    if folder.exists():
        if not folder.is_dir() or folder.stat().st_uid != os.geteuid() or folder.stat().st_mode & 0o077:
            raise NotPrivate(folder, "is not a folder that only you may enter. Name a new one, or chmod 700 it")
        for file in folder.iterdir():
            if file.is_symlink() or not file.is_file():
                raise NotPrivate(file, "is not a file of this folder alone. Move it away, or name a new folder")


def _definitions(file: Path, keys: Keys) -> Definition:
    """Returns the broker's definitions, with the salts of the last time: new ones would restart a broker."""
    passwords = {user: keys.password("broker", user) for user in USERS}
    known = text_files.read_json(file, dict, "Delete it, and run the command again.")
    return with_known_hashes(definitions(passwords), known or {"users": []}, passwords)


def _amqp_uri(user: str, keys: Keys) -> str:
    return f"amqp://{user}:{quote(keys.password('broker', user), safe='')}@{BROKER}/%2F"


def _mongodb_uri(user: str, keys: Keys) -> str:
    # Single node: a direct connection also works before the replica set is initiated.
    password = quote(keys.password("database", user), safe="")
    return f"mongodb://{user}:{password}@{DATABASE}/?directConnection=true&authSource=admin"


def _database_user(part: str, keys: Keys) -> dict[str, object]:
    return {"user": part, "password": keys.password("database", part), "roles": roles_of(part)}
