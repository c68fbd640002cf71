"""Prepares a MongoDB server of one node: its replica set, and a user for each part, who owns one database
(cases and gateway share one more, of photos).

Runs in the image of a service, which has the driver. Reads the addresses in `/run/secrets`: the administrator's,
and those of the parts, whose users it makes. Run again, it brings passwords up to date and changes nothing else.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient, uri_parser
from pymongo.errors import PyMongoError

SECRETS = Path("/run/secrets")
ADMINISTRATOR = "administrator"
REPLICA_SET = "linli"
# Photos go from the gateway straight to the store; cases removes what nobody attached.
PHOTO_USERS = ("cases", "gateway")
PATIENCE = 300


def main() -> None:
    addresses = {file.name.removesuffix(".mongodb-uri"): file.read_text() for file in SECRETS.glob("*.mongodb-uri")}
    own = addresses.pop(ADMINISTRATOR)
    client: MongoClient[dict[str, Any]] = MongoClient(own, serverSelectionTimeoutMS=2000)
    _initiate(client, own)
    for address in addresses.values():
        _make_user(client, address)


def _initiate(client: MongoClient[dict[str, Any]], address: str) -> None:
    """Makes it the primary of a replica set where it was started for one, and waits until it takes writes."""
    hello = _hello(client)
    if hello.get("isreplicaset"):  # started for a replica set that nobody has initiated
        host, port = uri_parser.parse_uri(address)["nodelist"][0]
        member = {"_id": 0, "host": f"{host}:{port}"}
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [member]})
    end = time.monotonic() + PATIENCE
    while not hello.get("isWritablePrimary"):
        if time.monotonic() > end:
            raise SystemExit(f"the server takes no writes after {PATIENCE} s: {hello}")
        time.sleep(0.5)
        hello = _hello(client)


def _hello(client: MongoClient[dict[str, Any]]) -> dict[str, Any]:
    """What the server says of itself, as soon as it answers the administrator."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return dict(client.admin.command("hello"))
        except PyMongoError as error:
            if time.monotonic() > end:
                raise
            print(f"waiting for the database: {type(error).__name__}", flush=True)
            time.sleep(1)


def _make_user(client: MongoClient[dict[str, Any]], address: str) -> None:
    parsed = uri_parser.parse_uri(address)
    user = parsed["username"]
    roles = [{"role": "dbOwner", "db": f"linli_{user}"}]
    if user in PHOTO_USERS:
        roles.append({"role": "readWrite", "db": "linli_photos"})
    known = client.admin.command("usersInfo", user)["users"]
    client.admin.command("updateUser" if known else "createUser", user, pwd=parsed["password"], roles=roles)
    print(f"{user}: {roles}", flush=True)


if __name__ == "__main__":
    main()
