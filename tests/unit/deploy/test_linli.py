"""`./linli` itself: whatever interrupts the making of `.venv`, the next run notices and makes it anew."""

from __future__ import annotations

import runpy
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from launcher.servers.processes import ROOT


class Started(Exception):
    """The launcher runs."""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "dev.txt").write_text("first")
    shutil.copy(ROOT / "linli", tmp_path / "linli")
    return tmp_path


@pytest.fixture
def run(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Runs the script, with stand-ins for the commands that it runs; returns what it ran."""

    def run(interrupted_at: int = 0) -> list[str]:
        ran: list[str] = []

        def command(words: list[Any], **_: Any) -> subprocess.CompletedProcess[bytes]:
            ran.append("venv" if "venv" in words else "uv" if words[-1] == "uv" else "packages")
            if ran[-1] == "venv":
                (checkout / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
                (checkout / ".venv" / "bin" / "python").touch()
            (checkout / ".venv" / f"from {ran[-1]}").touch()
            if len(ran) == interrupted_at:
                raise KeyboardInterrupt
            return subprocess.CompletedProcess(words, 0)

        def start(*_: Any) -> None:
            raise Started

        monkeypatch.setattr(subprocess, "run", command)
        monkeypatch.setattr("os.execve", start)
        try:
            runpy.run_path(str(checkout / "linli"), run_name="__main__")
        except Started:
            ran.append("started")
        except SystemExit as ended:
            ran.append(str(ended.code).strip())
        return ran

    return run


ALL = ["venv", "uv", "packages", "started"]


def test_the_second_run_makes_nothing(run: Callable[..., list[str]]) -> None:
    assert run() == ALL
    assert run() == ["started"]


@pytest.mark.parametrize("moment", [1, 2, 3])
def test_a_half_made_venv_is_noticed_and_made_anew(
    run: Callable[..., list[str]], checkout: Path, moment: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(interrupted_at=moment) == [*ALL[:moment], "Interrupted; run the command again to go on."]
    (checkout / ".venv" / "half").touch()
    assert run() == ALL
    assert "half-made" in capsys.readouterr().out
    assert not (checkout / ".venv" / "half").exists()
    assert run() == ["started"]


def test_an_interrupted_change_of_the_lock_is_noticed_too(run: Callable[..., list[str]], checkout: Path) -> None:
    run()
    (checkout / "requirements" / "dev.txt").write_text("second")
    assert run(interrupted_at=2)[:2] == ["uv", "packages"]
    (checkout / "requirements" / "dev.txt").write_text("first")
    assert run() == ALL


def test_a_venv_whose_python_is_gone_is_made_again(run: Callable[..., list[str]], checkout: Path) -> None:
    run()
    (checkout / ".venv" / "bin" / "python").unlink()
    assert run() == ALL


def test_packages_in_a_venv_of_the_user_stay(run: Callable[..., list[str]], checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").touch()
    (checkout / ".venv" / "theirs").touch()
    assert run() == ["uv", "packages", "started"]
    assert (checkout / ".venv" / "theirs").exists()


@pytest.mark.parametrize("command", ["status", "down", "logs"])
def test_what_is_about_an_installation_needs_no_venv_to_say_that_there_is_none(
    run: Callable[..., list[str]], checkout: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.delenv("LINLI_HOME", raising=False)
    monkeypatch.setattr("sys.argv", ["linli", command])
    assert run() == ["nothing is set up yet; run ./linli up first"]
    assert not (checkout / ".venv").exists()
    (checkout / ".linli" / "running").mkdir(parents=True)
    assert run() == ALL
