"""Starts SecantusDB as the image of MongoDB starts mongod: at first without a password, to make the administrator."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from pymongo import MongoClient

DATA = Path("/data/db")
SERVER = ["/venv/bin/secantusd-py", "--cache-size", "256M", "--log-level", "WARNING", "--sync-on-commit"]


def main() -> None:
    os.chdir(DATA)
    marker = DATA / "administrator"
    if not marker.exists():
        make_administrator()
        marker.touch()
    os.execv(
        SERVER[0], [*SERVER, "--host", "0.0.0.0", "--port", "27017", "--storage-path", str(DATA / "store"), "--auth"]
    )


def make_administrator() -> None:
    password = Path(os.environ["MONGO_INITDB_ROOT_PASSWORD_FILE"]).read_text()
    server = subprocess.Popen(
        [*SERVER, "--host", "127.0.0.1", "--port", "27018", "--storage-path", str(DATA / "store")]
    )
    try:
        client = MongoClient("mongodb://127.0.0.1:27018/?directConnection=true", serverSelectionTimeoutMS=60_000)
        client.admin.command("createUser", os.environ["MONGO_INITDB_ROOT_USERNAME"], pwd=password, roles=["root"])
    finally:
        server.terminate()
        server.wait(30)


if __name__ == "__main__":
    main()
