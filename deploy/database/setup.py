"""Init job for a single-node MongoDB: initiates its replica set and creates a user per part of Linli.

Runs in the gateway's image, which has the driver. Reads two files in `/run/secrets`: the administrator's address, and
the users with their passwords and roles. Idempotent: a repeated run only updates the users.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient, uri_parser
from pymongo.errors import PyMongoError

SECRETS = Path("/run/secrets")
REPLICA_SET = "linli"
PATIENCE = 300


def main() -> None:
    address = (SECRETS / "administrator.mongodb-uri").read_text()
    client: MongoClient[dict[str, Any]] = MongoClient(address, serverSelectionTimeoutMS=2000)
    _initiate(client, address)
    for user in json.loads((SECRETS / "database-users.json").read_text()):
        _make_user(client, **user)


def _initiate(client: MongoClient[dict[str, Any]], address: str) -> None:
    """Initiates the replica set if the server was started for one, and waits until it accepts writes."""
    hello = _hello(client)
    if hello.get("isreplicaset"):  # started for a replica set that is not initiated yet
        host, port = uri_parser.parse_uri(address)["nodelist"][0]
        member = {"_id": 0, "host": f"{host}:{port}"}
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
    end = time.monotonic() + PATIENCE
    while not hello.get("isWritablePrimary"):
        if time.monotonic() > end:
            raise SystemExit(f"the server accepts no writes after {PATIENCE} s: {hello}")
        time.sleep(0.5)
        hello = _hello(client)


def _hello(client: MongoClient[dict[str, Any]]) -> dict[str, Any]:
    """Returns the server's `hello`, as soon as it answers the administrator."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return dict(client.admin.command("hello"))
        except PyMongoError as error:
            if time.monotonic() > end:
                raise
            print(f"waiting for the database: {type(error).__name__}", flush=True)
            time.sleep(1)


def _make_user(client: MongoClient[dict[str, Any]], user: str, password: str, roles: list[dict[str, str]]) -> None:
    existing = client.admin.command("usersInfo", user)["users"]
    client.admin.command("updateUser" if existing else "createUser", user, pwd=password, roles=roles)
    print(f"{user}: {roles}", flush=True)


if __name__ == "__main__":
    main()
