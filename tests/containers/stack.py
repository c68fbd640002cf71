"""docker-compose.yml brought up for real."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from launcher import ports, secret_files
from launcher.parts import PARTS, ROOT
from launcher.process import wait_until
from tests.containers.engine import Failed, Podman

START_SECONDS = 180


class Stack:
    """One project of podman-compose: containers, networks and volumes that nobody else has."""

    def __init__(self, podman: Podman, folder: Path, tag: str, stand_ins: Mapping[str, str]) -> None:
        self.podman = podman
        self.project = f"linli-test-{os.getpid()}"
        self._override = folder / "override.json"  # JSON is YAML
        self._override.write_text(json.dumps(_override(stand_ins)))
        self.secrets = folder / "secrets"
        secret_files.make(self.secrets)
        self._port = ports.free(1)[0]
        self._settings = {
            "LINLI_SECRETS": str(self.secrets),
            "LINLI_VERSION": tag,
            "LINLI_ADDRESS": f"127.0.0.1:{self._port}",
            "LINLI_PUBLIC_URL": self.url,
        }

    @property
    def url(self) -> str:
        """Where its gateway answers."""
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        self._compose("up", "--detach", "--no-build")

    def down(self) -> None:
        """Remove every container, network and volume of the project, whatever state it is in."""
        with contextlib.suppress(Failed, subprocess.TimeoutExpired):
            self._compose("down", "--volumes", "--timeout", "5")
        label = f"label=io.podman.compose.project={self.project}"
        for kind in ("container", "volume", "network"):
            everything = ("--all",) if kind == "container" else ()
            for found in self.podman(kind, "ls", "--quiet", *everything, "--filter", label).split():
                self.podman(kind, "rm", "--force", found)

    def wait_until_ready(self, *parts: str) -> None:
        """Until each part says on its ops port that all it needs is up."""
        waiting = set(parts)

        def ready() -> bool:
            waiting.difference_update([part for part in waiting if self._is_ready(part)])
            return not waiting

        if not wait_until(ready, START_SECONDS, every=1):
            raise AssertionError("\n".join(f"{part} is not ready:\n{self.log(part)[-3000:]}" for part in waiting))

    def answers(self, path: str) -> int:
        """The status with which the gateway answers from outside; 0 when it does not."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refusal:
            return refusal.code
        except OSError:
            return 0

    def inspect(self, service: str) -> dict[str, Any]:
        return dict(json.loads(self.podman("inspect", self.container(service)))[0])

    def kill(self, service: str) -> None:
        """As when the process dies by itself: the engine did not ask for it, so it has to bring it back."""
        os.kill(self.inspect(service)["State"]["Pid"], signal.SIGKILL)

    def run(self, service: str, *command: str) -> str:
        """What `command` prints in the running container."""
        return self.podman("exec", self.container(service), *command)

    def linli(self, *words: str, seconds: float = 300) -> str:
        """What `./linli WORDS` prints to whoever holds this installation's operator key."""
        env = {**os.environ, "LINLI_OPERATOR_KEY_FILE": str(self.secrets / "operator.key")}
        done = subprocess.run(
            [ROOT / "linli", *words], env=env, capture_output=True, text=True, timeout=seconds, check=False
        )
        if done.returncode:
            raise Failed(["./linli", *words], done.stdout, done.stderr)
        return done.stdout

    def log(self, service: str) -> str:
        with contextlib.suppress(Failed):
            return self.podman("logs", self.container(service))
        return "it has no container"

    def container(self, service: str) -> str:
        return f"{self.project}_{service}_1"

    def _is_ready(self, part: str) -> bool:
        ask = "import urllib.request as u; u.urlopen('http://127.0.0.1:9000/readyz', timeout=2)"
        with contextlib.suppress(Failed):
            self.run(part, "python", "-c", ask)
            return True
        return False

    def _compose(self, *words: str) -> str:
        files = ("--file", ROOT / "docker-compose.yml", "--file", self._override)
        return self.podman.compose("--project-name", self.project, *files, *words, settings=self._settings)


def _override(stand_ins: Mapping[str, str]) -> dict[str, Any]:
    """Where this differs from `docker compose up`: stand-ins, and no health checks, for which podman needs systemd."""
    services: dict[str, Any] = {name: {"healthcheck": {"disable": True}} for name in (*PARTS, "rabbitmq", "mongo")}
    for service, image in stand_ins.items():
        services[service]["image"] = image
    return {"services": services}
