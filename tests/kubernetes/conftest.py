from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from launcher.commands import secrets as secret_files
from launcher.servers.external_tools import tool
from launcher.servers.processes import ROOT

Manifest = dict[str, Any]
DEMO = Path("k8s", "overlays", "demo")


@pytest.fixture(scope="session")
def rendered(tree: Path) -> dict[str, Path]:
    """What kustomize makes of each folder: one file of manifests."""
    made = {}
    for name in ("namespace", "base", "overlays/demo"):
        made[name] = tree / "k8s" / name / "rendered.yaml"
        made[name].write_text(render(tree / "k8s" / name))
    return made


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the folders that kustomize reads, with secrets for the demo."""
    copy = tmp_path_factory.mktemp("tree")
    for folder in ("k8s", "deploy"):
        shutil.copytree(ROOT / folder, copy / folder)
    secret_files.make(copy / DEMO / "secrets")
    return copy


def render(folder: Path) -> str:
    command = [tool("kubectl"), "kustomize", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(params=["base", "overlays/demo"])
def file(request: pytest.FixtureRequest, rendered: dict[str, Path]) -> Path:
    return rendered[request.param]


@pytest.fixture
def manifests(file: Path) -> list[Manifest]:
    return list(yaml.safe_load_all(file.read_text()))


@pytest.fixture
def demo(rendered: dict[str, Path]) -> list[Manifest]:
    return list(yaml.safe_load_all(rendered["overlays/demo"].read_text()))


@pytest.fixture
def base(rendered: dict[str, Path]) -> list[Manifest]:
    return list(yaml.safe_load_all(rendered["base"].read_text()))
