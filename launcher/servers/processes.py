"""The parts of Linli: the processes of one installation, what each is told, and how to ask whether it is ready."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from launcher.servers import process
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.secrets import Keys

ROOT = Path(__file__).resolve().parents[2]
SERVICE_CLASSES = {"org": "services.org.service:Org", "cases": "services.cases.service:Cases"}
PARTS = (*SERVICE_CLASSES, GATEWAY)
# One gives tickets for photos, the other takes them.
_SHOWS_PHOTOS = ("cases", GATEWAY)


@dataclass(frozen=True)
class Part:
    """One process of an installation. `settings` are its environment variables; `runs` is the class of a service."""

    name: str
    settings: Mapping[str, str]
    log: Path
    runs: str = ""

    def start(self) -> process.Process:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "TZ") if name in os.environ}
        env = {"LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **inherited, **self.settings}
        return process.start(self._command(), env=env, log=self.log, cwd=ROOT)

    def _command(self) -> list[str]:
        if self.name == GATEWAY:
            return [sys.executable, "-m", "gateway"]
        return [sys.executable, "-m", "chassis.run", self.runs or SERVICE_CLASSES[self.name]]

    @property
    def identity(self) -> str:
        return hashlib.sha256(json.dumps(dict(self.settings), sort_keys=True).encode()).hexdigest()

    @property
    def address(self) -> str:
        port = self.settings.get("LINLI_GATEWAY_PORT")
        return f"http://127.0.0.1:{port}" if port else self.ops_url

    def version(self) -> str:
        return str(self.health().get("version", ""))

    @property
    def ops_url(self) -> str:
        return f"http://127.0.0.1:{self.settings['LINLI_OPS_PORT']}"

    def health(self) -> dict[str, Any]:
        """What `/readyz` says, `{"version": …, "parts": {name: "up" or why not}}`; empty when it does not answer."""
        try:
            with urllib.request.urlopen(self.ops_url + "/readyz", timeout=2) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as refusal:
            return dict(json.load(refusal))
        except OSError:
            return {}

    def ready(self) -> bool:
        """True when it says that everything it needs is up."""
        try:
            with urllib.request.urlopen(self.ops_url + "/readyz", timeout=2):
                return True
        except OSError:
            return False


def key_settings(part: str, keys: Keys) -> dict[str, str]:
    """The key files that `part` is shown: the gateway alone can sign a principal, and cannot open personal data."""
    if part == GATEWAY:
        own = {
            "PRINCIPAL_PRIVATE": keys.principal_private,
            "SESSION_PRIVATE": keys.session_private,
            "OPERATOR": keys.operator,
        }
    else:
        roots = {"ROOT": keys.root(part), "INDEX": keys.index(part)}
        old = {f"OLD_{name}": keys.old(file) for name, file in roots.items() if keys.old(file).exists()}
        own = {"PRINCIPAL_PUBLIC": keys.principal_public, "AUDIT": keys.audit(part), **roots, **old}
    if part in _SHOWS_PHOTOS:
        own["TICKET"] = keys.ticket
    return {f"LINLI_{name}_KEY_FILE": str(file) for name, file in own.items()}
