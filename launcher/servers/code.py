"""Fingerprint of the files that a part runs, so that `up` starts again what a changed checkout has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from launcher.servers.broker_topology import GATEWAY
from launcher.service_list import NAMES

ROOT = Path(__file__).resolve().parents[2]
# The lock stands for the libraries.
_SHARED = ("chassis", "vocabulary", "requirements/dev.txt", "services.toml")


def of_part(name: str, root: Path = ROOT) -> str:
    """Returns the fingerprint of what the image of the part would hold."""
    own = ["gateway", *(f"services/{each}/api" for each in NAMES)] if name == GATEWAY else [f"services/{name}"]
    return _fingerprint(root, (*_SHARED, *own))


def of_launcher(root: Path = ROOT) -> str:
    return _fingerprint(root, (*_SHARED, "launcher"))


def _fingerprint(root: Path, places: Iterable[str]) -> str:
    """Hashes names and contents, not times: a checkout of the same commit changes nothing."""
    digest = hashlib.sha256()
    for place in places:
        top = root / place
        for file in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if file.is_file() and file.suffix != ".pyc":
                content = file.read_bytes()
                digest.update(f"{file.relative_to(root)} {len(content)}\n".encode() + content)
    return digest.hexdigest()
