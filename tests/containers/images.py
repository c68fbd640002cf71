"""The images of the stack: Linli's own, and stand-ins for those of others where no registry is reached."""

from __future__ import annotations

import re
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path

import yaml

from launcher.commands import images
from launcher.servers.processes import ROOT
from tests.containers.engine import Failed, Podman

#: As the Dockerfile names it.
BASE = re.findall("^ARG BASE=(.+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[0]
_PACKAGES = "python3,python3-venv,ca-certificates"
_SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
#: The images of others, by the service of docker-compose.yml.
FOREIGN = {name: _SERVICES[name]["image"] for name in ("rabbitmq", "mongo")}
_STAND_INS = Path(__file__).parent / "stand_ins"


def build_all(podman: Podman, tag: str) -> dict[str, str]:
    """Builds what `./linli images` builds. Answers the stand-in's image of each service that needs one."""
    if not _fetched(podman, BASE):
        _make_base(podman)
    for part, image in images.names(tag=tag).items():
        podman.build(ROOT, image, {"SERVICE": part, "VERSION": tag})
    missing = [service for service, image in FOREIGN.items() if not _fetched(podman, image)]
    stand_ins = {service: _build_stand_in(podman, service) for service in missing}
    podman("image", "prune", "--force", "--filter", "until=168h")  # layers that no build has used for a week
    return stand_ins


def _fetched(podman: Podman, image: str) -> bool:
    if podman.has(image):
        return True
    try:
        podman("pull", "--quiet", image, seconds=600)
    except Failed:
        return False
    return True


def _make_base(podman: Podman) -> None:
    """What the base image has that the Dockerfile uses, from Debian's packages."""
    with tempfile.TemporaryDirectory(prefix="linli-base") as folder:
        root, archive = Path(folder) / "root", Path(folder) / "root.tar"
        command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(root)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        if done.returncode:
            raise Failed(command, done.stdout, done.stderr)
        left_out = [f"--exclude=./{path}/*" for path in ("var/cache/apt/archives", "var/lib/apt/lists", "dev", "proc")]
        pack = ["tar", "--numeric-owner", *left_out, "-C", str(root), "-cf", str(archive), "."]
        subprocess.run(pack, timeout=300, check=True)
        podman("import", "-", BASE, stdin=archive, seconds=300)


def _build_stand_in(podman: Podman, service: str) -> str:
    tag = f"localhost/linli-stand-in/{service}:latest"
    arguments = {"BASE": BASE} | ({"SECANTUSDB": version("secantusdb")} if service == "mongo" else {})
    podman.build(_STAND_INS / service, tag, arguments)
    return tag
