"""`./linli images`, with an engine that writes down what it is asked."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from launcher.__main__ import main
from launcher.commands.images import IMAGES

ENGINE = """\
#!/bin/sh
echo "$@" >> "$(dirname "$0")/asked"
case "$1" in save) echo "archive of $2";; esac
case "$*" in *--fail*) exit 3;; esac
"""


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the engine was asked, a line for each command."""
    engine = tmp_path / "podman"
    engine.write_text(ENGINE)
    engine.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/usr/bin{os.pathsep}/bin")
    return tmp_path / "asked"


def run(*words: str) -> int:
    return main(["images", "--engine", "podman", *words])


def test_every_image_is_built_under_a_name_that_nobody_else_can_publish(
    asked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run() == 0
    assert capsys.readouterr().out.split() == [f"localhost/linli/{part}:dev" for part in IMAGES]
    built = asked.read_text().splitlines()
    assert [f"SERVICE={part} " in line for part, line in zip(IMAGES, built, strict=True)] == [True] * len(IMAGES)


def test_the_images_of_the_compose_file_and_the_cluster_are_all_built(asked: Path) -> None:
    root = Path(sys.modules["launcher"].__file__ or "").parents[1]
    named = (root / "docker-compose.yml").read_text() + (root / "k8s/overlays/demo/kustomization.yaml").read_text()
    for part in IMAGES:
        assert f"${{LINLI_REGISTRY:-localhost/linli}}/{part}:" in named
        assert f"name: localhost/linli/{part}, newTag: dev" in named


def test_a_registry_gets_what_it_is_named_for(asked: Path) -> None:
    assert run("--registry", "registry.example/linli", "--tag", "0.2.0", "--push") == 0
    pushed = [line for line in asked.read_text().splitlines() if line.startswith("push")]
    assert pushed == [f"push registry.example/linli/{part}:0.2.0" for part in IMAGES]


def test_each_image_goes_to_the_command_that_loads_it(asked: Path, tmp_path: Path) -> None:
    assert run("--load", f"tee -a {tmp_path / 'loaded'}") == 0
    loaded = (tmp_path / "loaded").read_text().splitlines()
    assert loaded == [f"archive of localhost/linli/{part}:dev" for part in IMAGES]


@pytest.mark.parametrize("words", [["--", "--fail"], ["--load", "false"], ["--load", "no-such-program"]])
def test_what_fails_is_named_in_a_line_and_the_rest_is_left(
    asked: Path, words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*words) == 1
    said = capsys.readouterr().err
    assert words[-1] in said
    assert "Traceback" not in said
    assert len([line for line in asked.read_text().splitlines() if line.startswith("build")]) == 1


def test_without_an_engine_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["images"]) == 1
    assert "docker nor podman" in capsys.readouterr().err


def test_a_client_whose_engine_does_not_run_is_passed_over(
    asked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nexit 1\n")
    docker.chmod(0o755)
    assert main(["images"]) == 0
    (tmp_path / "podman").write_text("#!/bin/sh\nexit 125\n")
    assert main(["images"]) == 1
    assert "`docker info` fails" in capsys.readouterr().err
