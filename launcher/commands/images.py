"""`./linli images`: builds the image of every part and of the operator's commands, and pushes or loads them."""

from __future__ import annotations

import argparse
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Sequence

from launcher.problems import Stopped
from launcher.servers.broker_topology import OPERATOR
from launcher.servers.processes import PARTS, ROOT

#: What each image is of: `SERVICE` of the Dockerfile.
IMAGES = (*PARTS, OPERATOR)
#: Nobody else can publish images of this name, so none of theirs is ever taken for ours.
REGISTRY = "localhost/linli"
TAG = "dev"
_ENGINES = ("docker", "podman")


class Failed(Stopped):
    """The engine or the command that takes the images did not succeed; it has said why itself."""

    def __init__(self, command: Sequence[str]) -> None:
        super().__init__(f"failed: {shlex.join(command)}")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--tag", default=TAG, help=f"of all images (default: {TAG})")
    parser.add_argument("--registry", default=REGISTRY, help=f"before each name (default: {REGISTRY})")
    parser.add_argument("--engine", choices=_ENGINES, help="default: the first one that works here")
    then = parser.add_mutually_exclusive_group()
    then.add_argument("--push", action="store_true", help="send the images to the registry")
    then.add_argument(
        "--load", metavar="COMMAND", help="pass each image, as an archive, to the standard input of this command"
    )
    parser.add_argument("build", nargs="*", metavar="-- OPTION", help="options for `docker build`, such as a proxy's")


def run(options: argparse.Namespace) -> int:
    engine = options.engine or _working()
    for part, image in names(options.registry, options.tag).items():
        _run(build_command(engine, part, image, options.tag, options.build))
        if options.push:
            _run([engine, "push", image])
        if options.load:
            _load([engine, "save", image], shlex.split(options.load))
        print(image, flush=True)
    return 0


def names(registry: str = REGISTRY, tag: str = TAG) -> dict[str, str]:
    """Returns the name of each image by what it is of."""
    return {part: f"{registry}/{part}:{tag}" for part in IMAGES}


def build_command(engine: str, part: str, image: str, version: str, options: Iterable[str] = ()) -> list[str]:
    given = [f"SERVICE={part}", f"VERSION={version}", f"REVISION={_revision()}"]
    arguments = [word for each in given for word in ("--build-arg", each)]
    # Docker's own format, also of podman: only that has the image's health check.
    form = ["--format", "docker"] if engine == "podman" else []
    return [engine, "build", *form, *arguments, *options, "--tag", image, str(ROOT)]


def _working() -> str:
    """Returns the first engine that answers: Docker's client is often installed where no Docker runs."""
    installed = [engine for engine in _ENGINES if shutil.which(engine)]
    if not installed:
        raise Stopped(f"Neither {' nor '.join(_ENGINES)} is installed; install one of them to build images.")
    for engine in installed:
        if not subprocess.run([engine, "info"], capture_output=True, check=False).returncode:
            return engine
    raise Stopped(f"`{installed[0]} info` fails, so it cannot build images; run it to see why.")


def _revision() -> str:
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"


def _run(command: Sequence[str]) -> None:
    if subprocess.run(command, check=False).returncode:
        raise Failed(command)


def _load(save: Sequence[str], load: Sequence[str]) -> None:
    with subprocess.Popen(save, stdout=subprocess.PIPE) as saving:
        loaded = subprocess.run(load, stdin=saving.stdout, check=False).returncode
    if loaded:
        raise Failed(load)
    if saving.returncode:
        raise Failed(save)
