"""A container engine with a store, networks and settings of its own: a machine's other containers stay untouched."""

from __future__ import annotations

import contextlib
import fcntl
import os
import ssl
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from launcher.servers.external_tools import tool

# Debian's podman with runc, on machines whose limits are lower than podman's defaults, and without systemd; with
# netavark, whose resolver serves a container in several networks, inner ones too.
_CONTAINERS = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
tmp_dir = "{run}/libpod"
[network]
network_backend = "netavark"
network_config_dir = "{store}/networks"
"""
_STORAGE = """\
[storage]
driver = "overlay"
graphroot = "{store}/graph"
runroot = "{run}/storage"
"""


class Podman:
    """Images and layers stay in `store`, so that a second run is quick; `run` holds what a reboot ends."""

    def __init__(self, store: Path, run: Path) -> None:
        self._store = store
        store.mkdir(parents=True, exist_ok=True)
        run.mkdir(parents=True, exist_ok=True)
        self._files = {"CONTAINERS_CONF": _CONTAINERS, "CONTAINERS_STORAGE_CONF": _STORAGE}
        for name, content in self._files.items():
            self._file(name).write_text(content.format(store=store, run=run))

    def __call__(self, *words: str | Path, seconds: float = 120, stdin: Path | None = None) -> str:
        """What `podman WORDS` prints; raises `Failed` with its complaint."""
        return self._run(["podman", *words], {}, seconds, stdin).stdout

    def logs(self, container: str) -> str:
        done = self._run(["podman", "logs", container], {}, 60)
        return done.stdout + done.stderr

    def compose(self, *words: str | Path, settings: Mapping[str, str], seconds: float = 300) -> str:
        """What `podman-compose WORDS` prints, with `settings` for the variables of the compose file."""
        return self._run([tool("podman-compose"), *words], settings, seconds).stdout

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else uses this engine meanwhile, and it begins and ends without containers."""
        with (self._store / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self.clear()
            try:
                yield
            finally:
                self.clear()

    def clear(self) -> None:
        """Remove every container, volume and network; images stay."""
        self("rm", "--all", "--force", "--time", "0")
        self("volume", "rm", "--all", "--force")
        self("network", "prune", "--force")

    def has(self, image: str) -> bool:
        return bool(self("images", "--quiet", "--filter", f"reference={image}").strip())

    def build(self, folder: Path, tag: str, arguments: Mapping[str, str]) -> None:
        """Build the Dockerfile of `folder`, without a container engine's own network and privileges."""
        options = ["--isolation=chroot", "--network=host", "--format=docker", "--layers", *self._trust()]
        given = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
        self("build", *options, *given, "--tag", tag, folder, seconds=900)

    def _trust(self) -> list[str]:
        """While building: this machine's certificates and package index, which no image keeps."""
        bundle = ssl.get_default_verify_paths().cafile or "/etc/ssl/certs/ca-certificates.crt"
        pip = self._store / "pip.conf"
        index = os.environ.get("PIP_INDEX_URL")
        lines = ["[global]", "cert = /run/certificates.pem", *([f"index-url = {index}"] if index else [])]
        pip.write_text("\n".join(lines) + "\n")
        return ["--volume", f"{bundle}:/run/certificates.pem:ro", "--volume", f"{pip}:/etc/pip.conf:ro"]

    def _file(self, variable: str) -> Path:
        return self._store / f"{variable.lower()}.toml"

    def _run(
        self, command: Sequence[str | Path], settings: Mapping[str, str], seconds: float, stdin: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, **{name: str(self._file(name)) for name in self._files}, **settings}
        with (stdin or Path(os.devnull)).open("rb") as source:
            done = subprocess.run(
                command, env=env, stdin=source, capture_output=True, timeout=seconds, check=False, text=True
            )
        if done.returncode:
            raise Failed(command, done.stdout, done.stderr)
        return done


class Failed(AssertionError):
    """A command of the engine did not succeed; says the end of what it printed."""

    def __init__(self, command: Sequence[str | Path], printed: str, complaint: str) -> None:
        words = " ".join(map(str, command))
        super().__init__(f"{words}\n{printed[-2000:]}\n{complaint[-4000:]}")
