"""Fixtures: one installation with all parts and the demo city of Wuhai."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from launcher.installation import Installation
from launcher.servers.processes import ROOT
from tests.servers.site import Site

Command = Callable[..., subprocess.CompletedProcess[str]]

# mypy's cache comes along: it checks each file by its content, and a copy then checks only what is new in it.
_LEFT_OUT = shutil.ignore_patterns(".git", ".venv", ".linli", "__pycache__", ".[!m]*_cache", ".hypothesis")


def copied(tree: Path) -> Path:
    """Returns `tree` as a copy of this one, which a test may change while others read this one."""
    shutil.copytree(ROOT, tree, ignore=_LEFT_OUT)
    return tree


@pytest.fixture(scope="session")
def elsewhere(running_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """Runs `./linli` against that installation with nothing but its operator's key."""
    overrides = {
        "LINLI_HOME": str(tmp_path_factory.mktemp("elsewhere") / "home"),
        "LINLI_OPERATOR_KEY_FILE": str(running_site.keys.operator),
        "PYTHONPATH": str(ROOT),
    }
    env = {name: value for name, value in os.environ.items() if name not in ("AMQP_URI", "MONGODB_URI")} | overrides

    def run(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "launcher", *words, "--url", running_site.url]
        return subprocess.run(command, env=env, cwd=cwd, capture_output=True, text=True, timeout=240, check=False)

    return run


@pytest.fixture(scope="session")
def demo_password(running_site: Site) -> str:
    return Installation({"LINLI_OPERATOR_KEY_FILE": str(running_site.keys.operator)}).demo_password


@pytest.fixture(scope="session")
def wuhai(elsewhere: Command) -> str:
    """The output of the first walk, which prepares the city."""
    first = elsewhere("demo", "--prepare")
    assert first.returncode == 0, first.stdout + first.stderr
    return first.stdout
