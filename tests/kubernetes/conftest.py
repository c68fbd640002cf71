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


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What kustomize makes of the base and of the demo: each in one file of manifests."""
    tree = tmp_path_factory.mktemp("tree")
    for folder in ("k8s", "deploy"):
        shutil.copytree(ROOT / folder, tree / folder)
    secret_files.make(tree / "k8s" / "overlays" / "demo" / "secrets")
    return {name: _render(tree / "k8s" / name) for name in ("base", "overlays/demo")}


def _render(folder: Path) -> Path:
    command = [tool("kubectl"), "kustomize", folder]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    target = folder / "rendered.yaml"
    target.write_text(done.stdout)
    return target


@pytest.fixture(params=["base", "overlays/demo"])
def file(request: pytest.FixtureRequest, rendered: dict[str, Path]) -> Path:
    return rendered[request.param]


@pytest.fixture
def manifests(file: Path) -> list[Manifest]:
    return list(yaml.safe_load_all(file.read_text()))


@pytest.fixture
def base(rendered: dict[str, Path]) -> list[Manifest]:
    return list(yaml.safe_load_all(rendered["base"].read_text()))
