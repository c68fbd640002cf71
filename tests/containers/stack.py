"""docker-compose.yml brought up for real."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from launcher.commands import secrets as secret_files
from launcher.servers.process import wait_until
from launcher.servers.processes import PARTS, ROOT
from tests.containers.engine import Failed, Podman
from tests.servers import ports

START_SECONDS = 180
COMMAND_SECONDS = 300


@dataclass
class Command:
    """A command of `./linli`: the lines that it prints, as they come, and its exit code once it has ended."""

    lines: IO[str]
    code: int | None = None


class Stack:
    """One project of podman-compose: containers, networks and volumes that nobody else has."""

    def __init__(self, podman: Podman, folder: Path, tag: str, stand_ins: Mapping[str, str]) -> None:
        self.podman = podman
        self.project = "linli-test"
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
        self.podman.clear()

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

    def restart(self, service: str) -> None:
        self.podman("restart", "--time", "20", self.container(service))

    def run(self, service: str, *command: str) -> str:
        """What `command` prints in the running container."""
        return self.podman("exec", self.container(service), *command)

    def operator(self, *words: str) -> str:
        """What the command prints in a container of the operator's image."""
        return self._compose("--profile", "operator", "run", "--rm", "operator", *words)

    def linli(self, *words: str) -> str:
        """What `./linli WORDS` prints to whoever holds this installation's operator key."""
        with self.started(*words) as command:
            printed = "".join(command.lines)
        if command.code:
            raise Failed(["./linli", *words], printed, "")
        return printed

    @contextlib.contextmanager
    def started(self, *words: str) -> Iterator[Command]:
        """`./linli WORDS` as it runs; at the end of the block it has ended by itself, or is ended after a while."""
        operator = {"LINLI_OPERATOR_KEY_FILE": str(self.secrets / "operator.key"), "PYTHONUNBUFFERED": "1"}
        child = subprocess.Popen(
            [ROOT / "linli", *words],
            env={**os.environ, **operator},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        watch = threading.Timer(COMMAND_SECONDS, child.kill)
        watch.start()
        assert child.stdout
        command = Command(child.stdout)
        try:
            yield command
            command.code = child.wait()
        finally:
            watch.cancel()
            child.kill()

    def log(self, service: str) -> str:
        with contextlib.suppress(Failed):
            return self.podman.logs(self.container(service))
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
        project = ("--project-name", self.project, "--in-pod", "false")
        return self.podman.compose(*project, *files, *words, settings=self._settings)


def _override(stand_ins: Mapping[str, str]) -> dict[str, Any]:
    """Where this differs from `docker compose up`: stand-ins, and no health checks, for which podman needs systemd."""
    services: dict[str, Any] = {name: {"healthcheck": {"disable": True}} for name in (*PARTS, "rabbitmq", "mongo")}
    for service, image in stand_ins.items():
        services[service]["image"] = image
    return {"services": services}
