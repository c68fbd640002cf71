"""Locks of `./linli lock`, and the lock that each image is built with."""

from __future__ import annotations

import tomllib

from launcher.commands.lock import locks
from launcher.servers.processes import ROOT
from launcher.service_list import NAMES

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]


def test_a_service_with_an_extra_has_its_own_lock_and_the_others_share_one() -> None:
    made = locks(["service", "one", "gateway", "dev"], ["one", "sample"])
    assert made["one"] == ["one"]
    assert made["service"] == ["service"]
    assert "sample" not in made


def test_a_checkout_has_what_every_service_needs() -> None:
    assert locks(["one"], ["one", "sample"])["dev"] == ["dev", "one"]


def test_requirements_has_exactly_the_declared_locks() -> None:
    lying = {file.stem for file in (ROOT / "requirements").glob("*.txt")}
    assert lying == locks(DECLARED, NAMES).keys()
