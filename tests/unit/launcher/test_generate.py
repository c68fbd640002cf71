"""`./linli generate`: what it writes is what lies in the tree, and a new service is in all of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from launcher import generate
from launcher.generate import compose, kubernetes
from launcher.servers.processes import ROOT
from launcher.service_list import SERVICES, Service

SAMPLE = Service("sample")


def test_every_generated_file_is_as_the_generator_would_write_it_now() -> None:
    assert list(generate.differing(ROOT)) == [], "run ./linli generate"


def test_a_file_that_was_changed_by_hand_or_is_missing_is_found(tmp_path: Path) -> None:
    made = generate.files()
    assert generate.differing(tmp_path) == made
    for path, text in made.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert generate.differing(tmp_path) == {}
    (tmp_path / "docker-compose.yml").write_text("services: {}\n")
    assert list(generate.differing(tmp_path)) == [Path("docker-compose.yml")]


@pytest.mark.parametrize("module", [compose, kubernetes])
def test_every_generated_file_says_where_it_comes_from(module: object) -> None:
    for text in module.files().values():  # type: ignore[attr-defined]
        first = text.partition("\n")[0]
        source = re.fullmatch(r"# Made by \./linli generate from services\.toml and (\S+): change those\.", first)
        assert source
        assert (ROOT / source[1]).is_file()


@pytest.mark.parametrize("module", [compose, kubernetes])
def test_a_service_that_is_on_the_list_and_nowhere_else_is_in_every_generated_file(module: object) -> None:
    before, after = module.files(SERVICES), module.files((*SERVICES, SAMPLE))  # type: ignore[attr-defined]
    for path, text in after.items():
        one_services_own = [service for service in SERVICES if path.stem == service.name]
        assert one_services_own or re.search(r"\bsample\b", text), path
        assert not one_services_own or text == before[path]


def test_a_service_gets_manifests_of_its_own() -> None:
    made = kubernetes.files((SAMPLE,))[Path("k8s/base/sample.yaml")]
    assert "image: linli/sample" in made
    assert "@{" not in made


def test_no_manifest_is_left_of_a_service_that_is_gone() -> None:
    lying = {file for file in (ROOT / "k8s" / "base").glob("*.yaml") if "# Made by" in file.read_text(encoding="utf-8")}
    assert lying == {ROOT / path for path in kubernetes.files() if path.parent == Path("k8s/base")}
