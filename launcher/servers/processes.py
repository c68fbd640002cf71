"""Parts of Linli: the processes of one installation, their settings, keys and health checks."""

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

from launcher.servers import code, process
from launcher.servers.broker_topology import GATEWAY
from launcher.servers.secrets import Keys, stored_as
from launcher.service_list import NAMES, ServiceEntry, named

ROOT = code.ROOT
PARTS = (*NAMES, GATEWAY)
# Only the gateway can sign principals, and it cannot decrypt personal data. It verifies the photo tickets of services.
_GATEWAY_KEY_FILES = {
    "LINLI_TICKET_KEY_FILE": "ticket.key",
    "LINLI_PRINCIPAL_PRIVATE_KEY_FILE": "principal.pem",
    "LINLI_SESSION_PRIVATE_KEY_FILE": "session.pem",
    "LINLI_OPERATOR_KEY_FILE": "operator.key",
}


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
        # What the gateway refuses must not wait behind what the others do (docs/decisions/0035).
        return process.start(self._command(), env=env, log=self.log, cwd=ROOT, goes_first=self.name == GATEWAY)

    def _command(self) -> list[str]:
        if self.name == GATEWAY:
            return [sys.executable, "-m", "gateway"]
        return [sys.executable, "-m", "chassis.run", self.runs or named(self.name).runs]

    @property
    def identity(self) -> str:
        """Of its settings and its code."""
        known = json.dumps([dict(self.settings), code.of_part(self.name)], sort_keys=True)
        return hashlib.sha256(known.encode()).hexdigest()

    @property
    def address(self) -> str:
        """Where its ops port is, which serves `/metrics` and `/readyz`; of the gateway, first where the API is."""
        port = self.settings.get("LINLI_GATEWAY_PORT")
        api = [f"http://127.0.0.1:{port}"] if port else []
        return "  ".join([*api, f"ops {self.ops_url}"])

    def version(self) -> str:
        return str(self.health().get("version", ""))

    @property
    def ops_url(self) -> str:
        return f"http://127.0.0.1:{self.settings['LINLI_OPS_PORT']}"

    def health(self) -> dict[str, Any]:
        """Returns the body of `/readyz`, `{"version": …, "checks": {name: "up" or why not}}`; empty if down."""
        try:
            with urllib.request.urlopen(self.ops_url + "/readyz", timeout=2) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as refusal:
            return dict(json.load(refusal))
        except OSError:
            return {}

    def ready(self) -> bool:
        """Whether it reports that all its dependencies are up."""
        try:
            with urllib.request.urlopen(self.ops_url + "/readyz", timeout=2):
                return True
        except OSError:
            return False


def key_files(service: ServiceEntry) -> dict[str, str]:
    """Returns the key files of a service by setting; `stored_as` maps them to files on disk."""
    return {
        "LINLI_ROOT_KEY_FILE": "root.key",
        "LINLI_INDEX_KEY_FILE": "index.key",
        "LINLI_AUDIT_KEY_FILE": "audit.key",
        **({"LINLI_TICKET_KEY_FILE": "ticket.key"} if service.photos else {}),
        "LINLI_PRINCIPAL_PUBLIC_KEY_FILE": "principal.pub",
    }


def key_settings(part: str, keys: Keys) -> dict[str, str]:
    """Returns the paths of the key files of `part` by setting, creating missing ones."""
    if part == GATEWAY:
        return {setting: str(keys.file(name)) for setting, name in _GATEWAY_KEY_FILES.items()}
    current = {setting: keys.file(stored_as(part, name)) for setting, name in key_files(named(part)).items()}
    old = {setting.replace("LINLI_", "LINLI_OLD_", 1): keys.old(file) for setting, file in current.items()}
    return {setting: str(file) for setting, file in (current | {s: f for s, f in old.items() if f.exists()}).items()}
